//! gtnet-sim simulates GTNet, the peer-to-peer network in which Grafioschtrader instances exchange intraday prices: many
//! virtual instances, each executing the exchange algorithm, with simulated clocks, latencies and data providers.
//!
//! A run goes from a [`scenario`] over [`experiment`] and [`model`] to a [`record`], from which [`report`] makes tables,
//! charts and summaries. What depends on what, and where to add what, is in `ARCHITECTURE.md`.
//!
//! # What is promised
//!
//! - The same scenario, seed and version give the same bytes in every result file, on any platform and with any number of
//!   threads.
//! - Events happen in the order (time, sequence number): of two at the same moment, the one scheduled first.
//! - Randomness is addressed by (seed, replication, purpose, entity): whatever else a scenario holds, a user makes the same
//!   visits and a provider fails at the same calls.
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
//! | push-back | prices sent to pools after an exchange | [`protocol::Action::PushBack`] |
//!
//! | term of simulation | type |
//! |---|---|
//! | event queue, event loop | [`engine::EventQueue`], [`engine::run`] |
//! | replication | [`record::ReplicationRecord`] |
//! | warm-up, horizon | [`model::config::WorldConfig`] |
//! | common random numbers | [`random::Streams`] |
//! | service time, workers | [`model::config::ServiceConfig`] |
//! | age of information | [`metrics::Measurements::price_age`] |
//! | estimate with interval | [`stats::Estimate`] |

pub mod cli;
pub mod engine;
pub mod experiment;
mod files;
pub mod inference;
pub mod measures;
pub mod metrics;
pub mod model;
pub mod observe;
pub mod protocol;
pub mod random;
pub mod record;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod time;
