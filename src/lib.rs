//! gtnet-sim simulates GTNet, the peer-to-peer network in which Grafioschtrader instances exchange intraday prices: many
//! virtual instances, each executing the exchange algorithm, with simulated clocks, latencies and data providers.
//!
//! # A first program
//!
//! It reads a scenario, simulates two replications of it, each with and without GTNet, and looks at one measure.
//!
//! ```
//! use std::path::Path;
//!
//! use gtnet_sim::experiment::{self, RunOptions, Shard};
//! use gtnet_sim::measures::CONNECTOR_CALLS;
//! use gtnet_sim::scenario::Scenario;
//!
//! let overrides = ["run.replications=2".to_owned()];
//! let scenario = Scenario::load(Path::new("scenarios/quick.toml"), &overrides)?;
//! let options = RunOptions { jobs: None, baseline: true };
//! let record = experiment::run(&scenario, options, Shard::WHOLE, &())?;
//! for replication in &record.replications {
//!     let with = CONNECTOR_CALLS.evaluate(&replication.measured);
//!     let without = replication.baseline.as_ref().and_then(|measured| CONNECTOR_CALLS.evaluate(measured));
//!     assert!(with < without, "GTNet saves connector calls");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The folder `examples` holds longer ones: `run_a_scenario`, `custom_observer` and `compare_policies`.
//!
//! # The layers
//!
//! Each layer knows only those below it. To use one, start with what stands beside it:
//!
//! | layer | what it does | start with |
//! |---|---|---|
//! | [`report`] | makes tables, charts and summaries of records | [`report::text`] |
//! | [`experiment`] | simulates replications on all cores, and decides how many | [`experiment::run`], [`experiment::replicate`] |
//! | [`explain`] | tells how one exchange, price or call came about | [`explain::explain`] |
//! | [`trace`] | writes all that happens in a replication | [`trace::write`] |
//! | [`scenario`] | reads a scenario, or tells every mistake in it | [`scenario::Scenario::load`] |
//! | [`record`] | is plain data between running and reporting | [`record::RunRecord`] |
//! | [`measures`] | defines every derived number once | [`measures::Measure::evaluate`] |
//! | [`metrics`] | counts facts | [`metrics::Collector`] |
//! | [`model`] | simulates one replication of one world | [`model::simulate`] |
//! | [`observe`] | names the facts that an observer is told | [`observe::Observer`] |
//! | [`protocol`] | decides what an exchange does next, without clock or randomness | [`protocol::Exchange`] |
//! | [`engine`], [`random`], [`stats`], [`time`] | know nothing of GTNet | [`engine::run`], [`random::Streams`], [`stats::Estimate`] |
//!
//! There are two ways to a world. A scenario file gives a [`scenario::Scenario`], which nothing can change. Code may build a
//! [`model::config::WorldConfig`], whose [`validate`](model::config::WorldConfig::validate) gives a [`model::ValidWorld`] or
//! names the field that is wrong. Both lead to a [`model::Blueprint`], which all replications share.
//!
//! `ARCHITECTURE.md` says what depends on what, and where to add what. `docs/scenario.md` explains the scenario language.
//!
//! # What is promised
//!
//! - The same scenario, seed and version give the same bytes in every result file, on any platform and with any number of
//!   threads.
//! - Events happen in the order (time, sequence number): of two at the same moment, the one scheduled first.
//! - Randomness is addressed by (seed, replication, purpose, entity, ordinal, place): whatever else a scenario holds, a user
//!   makes the same visits, and the call for the same place of the same watchlist fails.
//!
//! # Glossary
//!
//! | term of GTNet | meaning | type |
//! |---|---|---|
//! | instance | one server of the network, with users | [`observe::InstanceId`], drawn from [`model::config::GroupConfig`] |
//! | instrument | a security (ISIN and currency) or a currency pair | [`protocol::InstrumentId`] |
//! | price | a timestamp and what it says | [`protocol::Price`] |
//! | accept mode | what an instance answers to requests | [`protocol::AcceptMode`] |
//! | push-open server | an instance that answers from a pool | [`protocol::AcceptMode::PushOpen`] |
//! | open server | an instance that answers from its own instruments | [`protocol::AcceptMode::Open`] |
//! | price pool | prices kept for others | [`protocol::PriceStore`] |
//! | peer entry, supplier | what an instance knows of another | [`protocol::Supplier`] |
//! | supplier detail | "this peer sends prices of that instrument" | [`protocol::SupplierDetails`] |
//! | receive and send flag | may be filled by GTNet, may be sent to others | [`protocol::WatchlistItem`], [`protocol::InstrumentStore`] |
//! | connector | a data provider, as an instance uses it | [`model::config::ConnectorConfig`] |
//! | exchange | one update of a watchlist | [`protocol::Exchange`] |
//! | filled | got a price newer than the local one in this exchange | [`protocol::Outcome`] |
//! | exchange log | what came of the requests to a peer | [`protocol::ExchangeLog`] |
//! | grant | that an instance exchanges prices with a peer | [`protocol::Peer::exchange_agreed`] |
//! | daily request limit | messages that an instance wants from each peer in a day | [`protocol::RequestBudget`] |
//! | violation | a message that exceeds a limit of instruments | [`protocol::Violations`] |
//! | announcement | what an instance says of its future | [`protocol::Announcement`] |
//! | push-back | prices sent to pools after an exchange | [`protocol::Action::PushBack`] |
//!
//! | term of simulation | type |
//! |---|---|
//! | event queue, event loop | [`engine::EventQueue`], [`engine::run`] |
//! | replication | [`record::ReplicationRecord`] |
//! | world, valid world | [`model::config::WorldConfig`], [`model::ValidWorld`] |
//! | warm-up, horizon | [`model::config::WorldConfig`] |
//! | common random numbers | [`random::Streams`] |
//! | service time, workers | [`model::config::ServiceConfig`] |
//! | twin: the same run without faults | [`metrics::FaultEffects`] |
//! | age of information | [`metrics::Measurements::price_age`] |
//! | estimate with interval | [`stats::Estimate`] |

pub mod cli;
pub mod engine;
pub mod experiment;
pub mod explain;
mod files;
pub mod inference;
pub mod measures;
pub mod metrics;
pub mod model;
pub mod observe;
pub mod parting;
pub mod protocol;
pub mod random;
pub mod record;
pub mod report;
pub mod scenario;
pub mod stats;
mod store;
mod text;
pub mod time;
pub mod trace;
