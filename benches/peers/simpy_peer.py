"""W1 and W2 in SimPy 4.1.2 (MIT, PyPI): `simpy_peer.py w1|w2 COUNT`, as src/w1.rs and src/w2.rs, in processes and resources."""

import bisect
import itertools
import math
import random
import sys

import simpy

INSTRUMENTS, WATCHED, CLIENTS_PER_SERVER = 2_000, 30, 20
DAY, FRESH = 86_400.0, 1_500.0
# Events of W1, fewer than elsewhere: the time of each is what counts.
EVENTS = 1_000_000


class Network:
    """What is simulated, and counted."""

    def __init__(self, clients):
        self.environment = simpy.Environment()
        self.random = random.Random(1)
        sums = list(itertools.accumulate(1 / rank for rank in range(1, INSTRUMENTS + 1)))
        self.clients = [self.watchlist(sums) for _ in range(clients)]
        self.prices = [[0.0] * WATCHED for _ in range(clients)]
        servers = -(-clients // CLIENTS_PER_SERVER)
        self.pools = [[0.0] * INSTRUMENTS for _ in range(servers)]
        self.workers = [simpy.Resource(self.environment, capacity=4) for _ in range(servers)]
        self.done = self.filled = self.calls = 0
        for client in range(clients):
            self.environment.process(self.visits(client))

    def watchlist(self, sums):
        watched = []
        while len(watched) < WATCHED:
            instrument = bisect.bisect_right(sums, self.random.random() * sums[-1])
            if instrument not in watched:
                watched.append(instrument)
        return watched

    def after(self, median):
        return self.environment.timeout(median * math.exp(0.5 * self.random.gauss(0.0, 1.0)))

    def visits(self, client):
        while True:
            yield self.environment.timeout(self.random.expovariate(1 / 1_200.0))
            self.environment.process(self.refresh(client))

    def served(self, server):
        yield self.after(0.04)
        with self.workers[server].request() as worker:
            yield worker
            yield self.environment.timeout(self.random.expovariate(1 / 0.025))

    def refresh(self, client):
        server = client % len(self.pools)
        pool, watched, prices = self.pools[server], self.clients[client], self.prices[client]
        yield from self.served(server)
        least = self.environment.now - FRESH
        asked = enumerate(zip(watched, prices))
        answer = {at: pool[which] for at, (which, own) in asked if pool[which] > own and pool[which] >= least}
        yield self.after(0.04)
        for at, price in answer.items():
            prices[at] = max(prices[at], price)
        self.filled += len(answer)
        left = iter([at for at in range(WATCHED) if at not in answer])
        news = []
        callers = [self.environment.process(self.call(prices, left, news)) for _ in range(4)]
        yield self.environment.all_of(callers)
        self.done += 1
        yield from self.served(server)
        for at, price in news:
            pool[watched[at]] = max(pool[watched[at]], price)

    def call(self, prices, left, news):
        for at in left:
            yield self.after(0.3)
            prices[at] = self.environment.now
            news.append((at, self.environment.now))
            self.calls += 1


def w1(processes):
    environment, draw, seen = simpy.Environment(), random.Random(1), [0] * processes

    def job():
        while True:
            process = draw.randrange(processes)
            yield environment.timeout(0.01 + draw.expovariate(1.0))
            seen[process] += 1

    for _ in range(16 * processes):
        environment.process(job())
    environment.run(1.01 * EVENTS / (16 * processes))
    print(f"W1: {processes} processes, {sum(seen)} events, {EVENTS} expected; units={sum(seen)}")
    return abs(sum(seen) / EVENTS - 1) < 0.02


def w2(clients):
    network = Network(clients)
    network.environment.run(DAY)
    filled, calls = network.filled / (WATCHED * network.done), network.calls / network.done
    # Few clients have watchlists that are not quite those of many.
    slack = max(1.0, (10_000 / clients) ** 0.5)
    right = abs(filled - 0.3415) <= 0.0025 * slack and abs(calls - 19.75) <= 0.075 * slack
    verdict = "as known" if right else "NOT as known (34.15 % and 19.75)"
    print(
        f"W2: {clients} clients, {network.done} refreshes, {100 * filled:.2f} % filled by the hub, "
        f"{calls:.3f} calls a refresh: {verdict}; units={network.done}"
    )
    return right


if __name__ == "__main__":
    workload, count = sys.argv[1:]
    sys.exit(0 if {"w1": w1, "w2": w2}[workload](int(count)) else 1)
