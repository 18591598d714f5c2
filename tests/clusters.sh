#!/usr/bin/env bash
# Runs the job files of docs/large-sweeps for real and compares what they give with what one machine gives, byte by byte:
#
#   - Slurm: one node, started here, an array over four shards, one task of which is requeued while it runs;
#   - GNU parallel: on this machine, and over ssh to this machine under two names, interrupted and started again;
#   - Kubernetes: the Job against the schemas of several versions, and its command for every index under sh. No cluster.
#
# Needs Python with pip, and slurm-wlm, munge, parallel, openssh-server and shellcheck, which it installs with apt if they
# are missing and it runs as root. All daemons run on free ports with files in a temporary folder, and end with it.
#
#   tests/clusters.sh                              builds the program
#   GTNET_SIM_PROGRAM=/some/program tests/clusters.sh
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
files=$repository/docs/large-sweeps

step() { printf '\n== %s\n' "$1"; }
fail() {
    printf 'failed: %s\n' "$1" >&2
    exit 1
}
# Waits up to a number of seconds until a command succeeds.
await() {
    local seconds=$1 end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || fail "$* did not succeed within $seconds s"
        sleep 0.2
    done
}

step "what is needed"
missing=()
for need in slurmctld:slurm-wlm munged:munge parallel:parallel shellcheck:shellcheck sshd:openssh-server ssh:openssh-client; do
    PATH=$PATH:/usr/sbin command -v "${need%%:*}" > /dev/null || missing+=("${need#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "missing: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true || fail "install these packages, or let this script do it as root"
        as_root=(sudo -n)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" > /dev/null
fi
PATH=$PATH:/usr/sbin
work=$(mktemp -d /tmp/gtnet-sim-clusters.XXXXXX)
daemons=()
made_run_sshd=
clean_up() {
    status=$?
    trap - EXIT
    if [ $status -ne 0 ]; then
        tail -n 20 "$work"/*.log "$work"/*/*.log 2> /dev/null >&2 || true
    fi
    # Of this Slurm alone: the user may have jobs in another one.
    if [ -e "$work/slurm/slurm.conf" ]; then
        SLURM_CONF=$work/slurm/slurm.conf scancel --user="$(id -un)" 2> /dev/null || true
        sleep 1
    fi
    for daemon in "${daemons[@]}"; do
        kill "$daemon" 2> /dev/null || true
    done
    wait
    [ -z "$made_run_sshd" ] || rmdir /run/sshd || true
    rm -rf "$work"
    exit $status
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$work"

step "the program"
program=${GTNET_SIM_PROGRAM:-}
if [ -z "$program" ]; then
    # From the files that the image is built from, and no others.
    image=${CARGO_TARGET_DIR:-$repository/target}/image
    rm -rf "$image"
    mkdir -p "$image"
    mapfile -t copied < <(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "$files/Dockerfile" | tr ' ' '\n')
    for path in "${copied[@]}"; do
        cp -r "$repository/$path" "$image/"
    done
    # In a folder of its own: to cargo, what is built in the repository's would then be up to date for ever.
    cargo build --manifest-path "$image/Cargo.toml" --target-dir "$image-target" --locked --release --quiet
    program=$image-target/release/gtnet-sim
    # Of libraries, the image has those of C and of gcc.
    if ldd "$program" | grep -vE 'linux-vdso|ld-linux|libc\.so|libm\.so|libgcc_s\.so|libpthread|libdl'; then
        fail "the program needs a library that the image does not have"
    fi
fi
program=$(realpath "$program")
"$program" --version || true

step "job files: shellcheck"
shellcheck "$files"/*.sh "$repository"/tests/*.sh

step "one machine"
# A blank in the path: job files must quote.
study="$work/a study"
mkdir "$study"
cp "$repository/scenarios/quick.toml" "$study/base.toml"
# Long enough (some ten seconds) that it can be interrupted.
cat > "$study/sweep.toml" << 'END'
[scenario]
name = "clusters"
question = "Do many machines find what one machine finds?"
base = "base.toml"

[run]
duration = "15d"
replications = 100

[[sweep]]
parameter = "group.client.count"
values = [3, 6, 12]
END
"$program" sweep "$study/sweep.toml" --out "$work/one" --quiet
ls "$work/one"

export GTNET_SIM_PROGRAM=$program GTNET_SIM_SCENARIO=$study/sweep.toml GTNET_SIM_SHARDS=4
# Units in the ledgers of shards that are not complete; there must be some, or an interruption tests nothing.
in_ledgers() {
    local lines
    lines=$(find "$GTNET_SIM_FOLDER" -maxdepth 1 -name "$1.ledger" -exec cat {} + | wc -l)
    echo "in the ledger: $lines lines"
    [ "$lines" -gt 1 ] || fail "nothing had been simulated when it was interrupted"
}
# Merges the shards of a folder and compares them with what one machine has found.
check_merged() {
    "$program" merge "$1"/shard-*/ --out "$work/merged" --quiet
    diff -rq "$work/one" "$work/merged" || fail "the merged shards differ from what one machine gives"
    rm -r "$work/merged"
    echo "identical"
}

step "Slurm: start"
slurm=$work/slurm
node=$(hostname -s)
mkdir "$slurm" "$slurm/munge" "$slurm/state" "$slurm/spool"
chmod 755 "$slurm" "$slurm/munge"
(umask 077 && head -c 128 /dev/urandom > "$slurm/munge.key")
munged --foreground --force --key-file="$slurm/munge.key" --socket="$slurm/munge/socket" --pid-file="$slurm/munge/pid" \
    --log-file="$slurm/munge.log" --seed-file="$slurm/munge/seed" > /dev/null 2>&1 &
daemons+=($!)
await 10 test -S "$slurm/munge/socket"
port=$((20000 + RANDOM % 10000))
cat > "$slurm/slurm.conf" << END
ClusterName=gtnet-sim
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$slurm/munge/socket
CredType=cred/munge
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1
ReturnToService=2
KillWait=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
END
# Without control groups, which a container may not make; before 23.02 the plugin had to be one, even if nothing uses it.
version=$(slurmd -V | grep -o '[0-9]*\.[0-9]*' | head -n 1)
if [ "$(printf '%s\n23.02\n' "$version" | sort -V | head -n 1)" = 23.02 ]; then
    echo "CgroupPlugin=disabled" > "$slurm/cgroup.conf"
else
    echo "CgroupPlugin=cgroup/v1" > "$slurm/cgroup.conf"
fi
export SLURM_CONF=$slurm/slurm.conf
slurmctld -D > /dev/null 2>&1 &
daemons+=($!)
slurmd -D > /dev/null 2>&1 &
daemons+=($!)
node_is_idle() { [ "$(sinfo --noheader --format=%t 2> /dev/null)" = idle ]; }
await 30 node_is_idle
sinfo --version
sinfo

step "Slurm: an array over four shards; the second task is requeued while it runs"
export GTNET_SIM_FOLDER="$study/slurm shards"
cd "$slurm"
if (unset GTNET_SIM_SCENARIO && SLURM_ARRAY_TASK_ID=1 "$files/slurm.sh") 2> "$work/message"; then
    fail "the job file ran without a scenario"
fi
cat "$work/message"
submit() { sbatch --parsable --cpus-per-task=1 "$@" "$files/slurm.sh"; }
has_state() { scontrol show job "$1" | grep -q "JobState=$2"; }
none_queued() { [ -z "$(squeue --noheader --array)" ]; }
all_completed() {
    scontrol --oneliner show job "$1" |
        sed -E 's/.* ArrayTaskId=([0-9]+) .* JobState=([A-Z]+) .* Restarts=([0-9]+) .*/task \1: \2, restarts: \3/' |
        sort | tee "$work/tasks"
    ! grep -qv ': COMPLETED,' "$work/tasks" || fail "a task of Slurm failed"
}
job=$(submit --array=1-4)
await 30 has_state "${job}_2" RUNNING
sleep 1.5
scontrol requeue "${job}_2"
# Slurm would wait two minutes before it starts the task again.
await 30 has_state "${job}_2" PENDING
in_ledgers shard-2
scontrol update JobId="${job}_2" StartTime=now
await 300 none_queued
all_completed "$job"
grep -q 'task 2: .*restarts: 1' "$work/tasks" || fail "the task was not requeued while it ran"
check_merged "$GTNET_SIM_FOLDER"

step "Slurm: a missing shard is named, and repaired by its task alone"
rm -r "$GTNET_SIM_FOLDER/shard-3"
status=0
"$program" merge "$GTNET_SIM_FOLDER"/shard-*/ --out "$work/merged" 2> "$work/message" || status=$?
cat "$work/message"
[ $status -eq 1 ] || fail "merge should exit with 1, not $status"
grep -qE '(^|[^0-9])3(/4)?([^0-9]|$)' "$work/message" || fail "merge does not name the missing shard"
[ ! -e "$work/merged" ] || fail "merge wrote results without all shards"
job=$(submit --array=3)
await 120 none_queued
all_completed "$job"
check_merged "$GTNET_SIM_FOLDER"

step "GNU parallel: on this machine"
export GTNET_SIM_FOLDER="$study/parallel shards"
GTNET_SIM_HOSTS=: "$files/parallel.sh"
check_merged "$GTNET_SIM_FOLDER"

step "GNU parallel: over ssh, interrupted and started again"
mkdir "$work/ssh"
ssh-keygen -q -t ed25519 -N '' -f "$work/ssh/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/ssh/user"
if [ "$(id -u)" -eq 0 ] && [ ! -e /run/sshd ]; then
    mkdir -m 755 /run/sshd
    made_run_sshd=yes
fi
cat > "$work/ssh/server" << END
ListenAddress 127.0.0.1
Port $((port + 2))
HostKey $work/ssh/host
AuthorizedKeysFile $work/ssh/user.pub
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
PidFile none
END
cat > "$work/ssh/client" << END
Host node1 node2
    HostName 127.0.0.1
    Port $((port + 2))
    User $(id -un)
    IdentityFile $work/ssh/user
    IdentitiesOnly yes
    StrictHostKeyChecking no
    UserKnownHostsFile $work/ssh/known
    LogLevel ERROR
END
"$(command -v sshd)" -D -f "$work/ssh/server" -E "$work/sshd.log" &
daemons+=($!)
ssh=(ssh -F "$work/ssh/client")
await 10 "${ssh[@]}" node1 true
export PARALLEL_SSH="${ssh[*]}"
export GTNET_SIM_FOLDER="$study/ssh shards" GTNET_SIM_HOSTS=node1,node2
status=0
timeout --signal=TERM 1.5 "$files/parallel.sh" || status=$?
echo "interrupted: exit code $status"
[ $status -ne 0 ] || fail "it was not interrupted"
in_ledgers 'shard-*'
"$files/parallel.sh"
check_merged "$GTNET_SIM_FOLDER"

step "Kubernetes: the schema of a Job"
python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate
for version in 1.29 1.31 1.33; do
    "$work/python/bin/kubernetes-validate" --strict --kubernetes-version $version "$files"/*.yaml
done
sed 's/backoffLimitPerIndex/backoffLimitPerIndices/' "$files/kubernetes.yaml" > "$work/wrong.yaml"
if "$work/python/bin/kubernetes-validate" --strict "$work/wrong.yaml" > /dev/null 2>&1; then
    fail "the schema lets a misspelt key pass"
fi

step "Kubernetes: the command of every index"
# Prints one value of a container: its command line, NUL-separated, or its number of shards.
cat > "$work/job.py" << 'END'
import sys

import yaml

file, wanted = sys.argv[1:]
job = yaml.safe_load(open(file))["spec"]
container = job["template"]["spec"]["containers"][0]
if wanted == "command":
    sys.stdout.write("\0".join(container["command"] + container["args"]))
else:
    environment = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert environment["GTNET_SIM_SHARDS"] == str(job["completions"]), "as many shards as completions"
    assert job["completionMode"] == "Indexed"
END
"$work/python/bin/python" "$work/job.py" "$files/kubernetes.yaml" shards
mkdir "$work/bin"
ln -s "$program" "$work/bin/gtnet-sim"
for name in kubernetes kubernetes-merge; do
    mapfile -d '' -t command < <("$work/python/bin/python" "$work/job.py" "$files/$name.yaml" command)
    printf '#!%s\nset -eu\n%s\n' "${command[0]}" "${command[2]}" | shellcheck -
    if [ $name = kubernetes ]; then
        export GTNET_SIM_FOLDER="$study/kubernetes shards"
        for index in 0 1 2 3; do
            env -u GTNET_SIM_PROGRAM PATH="$work/bin:$PATH" GTNET_SIM_JOBS=2 JOB_COMPLETION_INDEX=$index "${command[@]}"
        done
        check_merged "$GTNET_SIM_FOLDER"
    else
        env PATH="$work/bin:$PATH" GTNET_SIM_RESULTS="$work/merged" "${command[@]}"
        diff -rq "$work/one" "$work/merged"
        echo "identical"
    fi
done

step "all is well"
