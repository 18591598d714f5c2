//! The pairs of scenarios, and what theory expects of each.

use super::Ablation;

const fn pair(rule: &'static str, without: &'static str, with: &'static str, expected: &'static str) -> Ablation {
    Ablation { rule, without, with, expected }
}

/// All rules that are switched, in the order of the table.
pub(super) const ABLATIONS: [Ablation; 38] = [
    pair(
        "a threshold for what peers return",
        "threshold-off",
        "threshold-on",
        "Only young prices fill, so more is left to connectors, and what is shown is younger.",
    ),
    pair(
        "push-back, to those who returned something",
        "push-back-none",
        "push-back-responders",
        "Without pushes a pool holds only what its operator's own users fetch; prices from pools are older than fetched \
         ones.",
    ),
    pair(
        "push-back to all who were asked",
        "push-back-responders",
        "push-back-contacted",
        "Who returned nothing needs prices most; so pools are fuller.",
    ),
    pair(
        "push-back of what the exchange has updated only",
        "push-back-responders",
        "push-back-updated",
        "What was there before is mostly not newer than what the server has, or was pushed when it was new: little to \
         lose.",
    ),
    pair(
        "the same, with a hub that nobody uses himself",
        "hub-without-users-responders",
        "hub-without-users-contacted",
        "After a quiet night such a hub has nothing young, returns nothing, and is told nothing, for good. Telling all \
         who were asked wakes it.",
    ),
    pair(
        "pools learn newer prices, with a hub that nobody uses himself",
        "hub-without-users-responders",
        "hub-without-users-learns-newer",
        "What requests carry keeps the pool young enough to return something, and so to be told the rest.",
    ),
    pair(
        "the hub fetches what its pool holds, every five minutes",
        "hub-without-users-responders",
        "hub-without-users-fetches",
        "What the pool knows is always young, so it returns something and is told the rest. The hub's calls are many: it \
         fetches what nobody asks for, too.",
    ),
    pair(
        "the same, every eight hours",
        "hub-without-users-responders",
        "hub-without-users-fetches-seldom",
        "What is fetched in the morning is young enough to be returned, and so the hub is told the rest: a few calls wake \
         it.",
    ),
    pair(
        "waiting for the push-back",
        "push-back-responders",
        "push-back-sync",
        "The same prices go the same way, but the user waits for a round trip more.",
    ),
    pair(
        "pools learn unknown instruments from requests (first day)",
        "learns-never",
        "learns-unknown",
        "A new pool can return something only if it learns something; what it never learns is never pushed either.",
    ),
    pair(
        "pools learn all newer prices from requests (first day)",
        "learns-unknown",
        "learns-newer",
        "Requests carry old prices, mostly older than pushed ones: little to gain.",
    ),
    pair(
        "pools echo what they learn (first day)",
        "echo-no",
        "echo-yes",
        "An echo fills nothing, but its server then counts as one that returned something, and gets the push.",
    ),
    pair(
        "received prices are kept",
        "received-not-kept",
        "received-kept",
        "Where they are not, a hub's own pool, which has no threshold, fills its own users with the same pushed price \
         for ever, so that no connector renews it and the pool dries up.",
    ),
    pair(
        "received prices are kept, open instances only",
        "open-received-not-kept",
        "open-received-kept",
        "Kept prices can be passed on and are shown at the next visit: they are younger. Against them less of what \
         others have is newer, so a little more is left to connectors.",
    ),
    pair(
        "a threshold for the own pool",
        "own-pool-threshold-off",
        "own-pool-threshold-on",
        "The hub's own users no longer see old pooled prices, for a few calls more.",
    ),
    pair(
        "the own pool stores all that was left, not only what connectors brought",
        "own-pool-stores-connector",
        "own-pool-stores-remaining",
        "What was not fetched is rarely newer than what is pooled: nothing to gain.",
    ),
    pair(
        "the own pool stores what peers sent, too",
        "own-pool-stores-remaining",
        "own-pool-stores-all",
        "With several pools each then knows what the others know; it hands on older prices.",
    ),
    pair(
        "open servers learn from requests",
        "open-learns-no",
        "open-learns-yes",
        "What an open server learns it shows and passes on: younger prices, against which less of what others have is \
         newer.",
    ),
    pair(
        "open servers take what they do not receive (half of the instruments)",
        "open-unreceived-left",
        "open-unreceived-taken",
        "What its own connectors alone should update gets younger, too, and so does what others have of it.",
    ),
    pair(
        "prices are hidden that an instance does not send (half of the instruments)",
        "unsent-shown",
        "unsent-hidden",
        "What is neither shown in requests nor pushed is missing in the pool: more is left to connectors.",
    ),
    pair(
        "the same, from open servers only",
        "unsent-shown",
        "unsent-hidden-from-open",
        "Here no open server is asked: nothing changes.",
    ),
    pair(
        "one of three equal hubs, not all of them",
        "equals-all",
        "equals-one",
        "A third of the requests, and of the chance that somebody has a young price: each hub learns a third of what \
         clients fetch.",
    ),
    pair(
        "open servers by score, not by priority",
        "order-priority",
        "order-score",
        "Asking goes on until all is filled, so that the order decides who is asked needlessly, not what is filled: \
         fewer messages, nearly the same calls.",
    ),
    pair(
        "the same, two servers at most",
        "order-priority-of-two",
        "order-score-of-two",
        "Of two servers it matters which two: those that cover most fill most.",
    ),
    pair(
        "open servers by coverage alone, without an exchange log",
        "order-score",
        "order-score-without-log",
        "The clients differ little in what they answer, so who is asked first hardly changes.",
    ),
    pair(
        "requests over the limit are cut, not refused (large watchlists)",
        "max-limit-refuse",
        "max-limit-truncate",
        "A refused request fills nothing; a cut one fills what fits.",
    ),
    pair(
        "requests over the limit are split, not cut (large watchlists)",
        "max-limit-truncate",
        "max-limit-split",
        "The rest is filled as well, for a few messages more.",
    ),
    pair(
        "a daily limit of 20 messages",
        "daily-limit-none",
        "daily-limit-of-20",
        "Half of the messages are pushes, so a client is out of messages around noon. In the afternoon all is \
         fetched, and what is fetched is younger.",
    ),
    pair(
        "only requests count for the daily limit",
        "daily-limit-of-20",
        "daily-limit-of-requests",
        "Without its pushes a client sends little more than 20 messages a day, so little of the saving is \
         lost.",
    ),
    pair(
        "senders do not know the daily limit",
        "daily-limit-of-20",
        "daily-limit-by-server",
        "What they send beyond it is refused: the same prices, for a round trip more at each visit.",
    ),
    pair(
        "synchronisations may offer more than 300 instruments (a month, one client sends more)",
        "sends-many",
        "sends-many-unlimited",
        "Who sends more is locked out on the twentieth night: it saves nothing in the ten days that are \
         measured, and the others miss its pushes.",
    ),
    pair(
        "retry bands (connectors fail often)",
        "retry-bands-off",
        "retry-bands-on",
        "What has failed four times is not tried again: fewer calls, and prices that stay old.",
    ),
    pair(
        "no connector call for young prices",
        "connector-interval-off",
        "connector-interval-on",
        "Few prices are younger than five minutes when their watchlist is due again after twenty.",
    ),
    pair(
        "nobody is asked for the final price of a closed market",
        "closed-markets-asked",
        "closed-markets-not-asked",
        "Visits in the evening fetch again what has not changed: fewer calls and messages, and the same prices.",
    ),
    pair(
        "one connector call at a time for an instrument (ten users a client)",
        "claims-off",
        "claims-on",
        "Two users of an instance rarely ask for the same instrument within the second that a call takes.",
    ),
    pair(
        "whole seconds in messages",
        "timestamps-whole",
        "timestamps-cut",
        "Two prices are rarely stamped within the same second.",
    ),
    pair(
        "views of peers by messages only (one message in fifty is lost)",
        "views-ideal",
        "views-messages",
        "A lost ping marks the hub offline until a synchronisation at night shows that it is there.",
    ),
    pair(
        "general-flow instead of seven-step (three hubs)",
        "seven-step",
        "general-flow",
        "Two servers at most: a third fewer messages; their write-back is waited for. The third hub's pool would hold \
         the same as the others'.",
    ),
];
