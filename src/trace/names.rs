//! Names of instances, users, instruments, providers and faults: the same in every trace and explanation of a world.

use crate::model::{Blueprint, InstanceInfo};
use crate::observe::{FaultId, InstanceId, ProviderId, VisitId};
use crate::protocol::InstrumentId;

/// The names of a world.
#[derive(Clone, Debug)]
pub(crate) struct WorldNames {
    instances: Vec<String>,
    providers: Vec<String>,
    faults: Vec<String>,
    instruments: Vec<String>,
    /// By user.
    users: Vec<String>,
}

impl WorldNames {
    pub(crate) fn of(blueprint: &Blueprint) -> Self {
        let config = blueprint.config();
        let instances: Vec<String> = blueprint.instance_names().collect();
        let users_of = |(info, name): (&InstanceInfo, &String)| {
            let name = name.clone();
            (1..=info.users).map(move |number| format!("{name}/{number}"))
        };
        Self {
            providers: config.connectors.iter().map(|connector| connector.id.clone()).collect(),
            faults: config.faults.iter().map(|fault| fault.name.clone()).collect(),
            instruments: (0..config.instrument_count())
                .map(|number| blueprint.instrument_name(InstrumentId(number)))
                .collect(),
            users: blueprint.instances().iter().zip(&instances).flat_map(users_of).collect(),
            instances,
        }
    }

    pub(crate) fn instance(&self, instance: InstanceId) -> &str {
        &self.instances[instance.index()]
    }

    pub(crate) fn provider(&self, provider: ProviderId) -> &str {
        &self.providers[provider.index()]
    }

    pub(crate) fn fault(&self, fault: FaultId) -> &str {
        &self.faults[fault.index()]
    }

    pub(crate) fn instrument(&self, instrument: InstrumentId) -> &str {
        &self.instruments[instrument.0 as usize]
    }

    pub(crate) fn user(&self, visit: VisitId) -> &str {
        &self.users[visit.user as usize]
    }

    pub(crate) fn instances(&self) -> &[String] {
        &self.instances
    }

    pub(crate) fn instruments(&self) -> &[String] {
        &self.instruments
    }

    pub(crate) fn providers(&self) -> &[String] {
        &self.providers
    }

    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    pub(crate) fn users(&self) -> &[String] {
        &self.users
    }
}
