//! What faults and the coming and going of instances must be before a world can be simulated.

use super::{Checked, check, drawn, filled, index_in, named, share, time};
use crate::model::config::{
    ChurnConfig, FaultConfig, FaultKind, FaultTarget, FaultTimes, GroupConfig, InstanceFault, LinkFault, ProviderFault,
    WorldConfig,
};
use crate::time::SimDuration;

/// Faults are numbered in 16 bits.
const MOST_FAULTS: usize = (1 << 16) - 1;

impl WorldConfig {
    pub(super) fn check_faults(&self) -> Checked {
        let count = self.faults.len();
        check(format_args!("faults.len()"), &count, count <= MOST_FAULTS, "at most 65,535")?;
        named("faults", self.faults.iter().map(|fault| &fault.name))?;
        self.faults.iter().enumerate().try_for_each(|(at, fault)| self.check_fault(at, fault))?;
        let groups = self.groups.iter().enumerate();
        groups
            .into_iter()
            .try_for_each(|(at, group)| group.churn.as_ref().map_or(Ok(()), |churn| check_churn(at, group, churn)))
    }

    fn check_fault(&self, at: usize, fault: &FaultConfig) -> Checked {
        let times = &fault.times;
        match &fault.kind {
            FaultKind::Instances { at: targets, fault } => {
                self.check_targets(at, "at", targets)?;
                check_instance_fault(at, fault)?;
                let is_known_before = matches!(times, FaultTimes::Set(_));
                let is_announced = matches!(fault, InstanceFault::Announced { .. });
                let allowed = "at set times, as it is announced";
                check(format_args!("faults[{at}].times"), times, is_known_before || !is_announced, allowed)?;
            }
            FaultKind::Provider { connector, fault } => {
                let list = format_args!("connectors");
                index_in(format_args!("faults[{at}].connector"), *connector, list, self.connectors.len())?;
                match *fault {
                    ProviderFault::Outage { fails_after } => {
                        time(format_args!("faults[{at}].fails_after"), fails_after)?;
                    }
                    ProviderFault::Slow { factor } => check_factor(at, factor)?,
                }
            }
            FaultKind::Links { between, and, fault: LinkFault { loss, factor } } => {
                self.check_targets(at, "between", between)?;
                self.check_targets(at, "and", and)?;
                share(format_args!("faults[{at}].loss"), *loss)?;
                check_factor(at, *factor)?;
            }
            FaultKind::Visits { at: targets, factor } => {
                self.check_targets(at, "at", targets)?;
                check_factor(at, *factor)?;
            }
        }
        check_times(at, &fault.times)
    }

    fn check_targets(&self, at: usize, field: &str, targets: &[FaultTarget]) -> Checked {
        filled(format_args!("faults[{at}].{field}"), targets)?;
        for target in targets {
            index_in(format_args!("faults[{at}].{field}"), target.group, format_args!("groups"), self.groups.len())?;
            if let Some(number) = target.number {
                let instances = format_args!("the instances of groups[{}]", target.group);
                let count = self.groups[target.group].count as usize;
                index_in(format_args!("faults[{at}].{field}"), number as usize, instances, count)?;
            }
        }
        Ok(())
    }
}

fn check_instance_fault(at: usize, fault: &InstanceFault) -> Checked {
    match *fault {
        InstanceFault::Slow { factor } => check_factor(at, factor),
        InstanceFault::Clock { ahead_nanos } => {
            let is_short = ahead_nanos.unsigned_abs() <= SimDuration::LONGEST.as_nanos();
            check(format_args!("faults[{at}].ahead_nanos"), &ahead_nanos, is_short, "at most ten years either way")
        }
        InstanceFault::Rogue { ahead, factor } => {
            time(format_args!("faults[{at}].ahead"), ahead)?;
            let is_factor = factor.is_finite() && factor > 0.0;
            check(format_args!("faults[{at}].factor"), &factor, is_factor, "greater than 0")
        }
        InstanceFault::Announced { before, cancelled, .. } => {
            time(format_args!("faults[{at}].before"), before)?;
            let is_later = cancelled.is_none_or(|cancelled| cancelled < before);
            check(format_args!("faults[{at}].cancelled"), &cancelled, is_later, "shorter than `before`")
        }
        InstanceFault::Crash { .. }
        | InstanceFault::Shutdown
        | InstanceFault::BlackHole
        | InstanceFault::Refuses
        | InstanceFault::RevokedGrant
        | InstanceFault::Busy => Ok(()),
    }
}

fn check_factor(at: usize, factor: f64) -> Checked {
    check(format_args!("faults[{at}].factor"), &factor, factor.is_finite() && factor >= 1.0, "1 or more")
}

fn check_times(at: usize, times: &FaultTimes) -> Checked {
    match times {
        FaultTimes::Set(spells) => {
            for spell in spells {
                time(format_args!("faults[{at}].times"), spell.begins)?;
                time(format_args!("faults[{at}].times"), spell.lasts)?;
                check(format_args!("faults[{at}].times"), spell, !spell.lasts.is_zero(), "longer than 0")?;
            }
            let are_apart = spells.is_sorted_by(|one, next| one.begins + one.lasts < next.begins);
            check(format_args!("faults[{at}].times"), spells, are_apart, "ascending and apart")
        }
        FaultTimes::Random { between_s, lasts_s } => {
            drawn(format_args!("faults[{at}].between_s"), between_s)?;
            drawn(format_args!("faults[{at}].lasts_s"), lasts_s)
        }
    }
}

fn check_churn(at: usize, group: &GroupConfig, churn: &ChurnConfig) -> Checked {
    let field = format_args!("groups[{at}].churn");
    check(field, churn, churn.present <= group.count, "of no more instances than there are")?;
    time(field, churn.from)?;
    time(field, churn.until)?;
    check(field, churn, churn.from <= churn.until, "in ascending order")?;
    churn.stays_s.as_ref().map_or(Ok(()), |stays_s| drawn(field, stays_s))
}
