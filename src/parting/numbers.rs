//! The same numbers for the same names in two worlds: a user, instance, instrument, provider or fault that both have is one thing.

use std::collections::BTreeMap;

use crate::trace::WorldNames;

/// The names of two worlds together, by shared number.
#[derive(Debug)]
pub(super) struct SharedNames {
    pub(super) users: Vec<String>,
    pub(super) instances: Vec<String>,
    pub(super) instruments: Vec<String>,
    pub(super) providers: Vec<String>,
    pub(super) faults: Vec<String>,
}

/// The shared number of what a world calls by its own.
#[derive(Debug)]
pub(super) struct SharedNumbers {
    pub(super) users: Vec<u32>,
    pub(super) instances: Vec<u32>,
    pub(super) instruments: Vec<u32>,
    pub(super) providers: Vec<u32>,
    pub(super) faults: Vec<u32>,
}

impl SharedNames {
    /// Those of two worlds, and the numbers of each.
    pub(super) fn of(worlds: [&WorldNames; 2]) -> (Self, [SharedNumbers; 2]) {
        let [first, other] = worlds;
        let (users, [first_users, other_users]) = share([first.users(), other.users()]);
        let (instances, [first_instances, other_instances]) = share([first.instances(), other.instances()]);
        let (instruments, [first_instruments, other_instruments]) = share([first.instruments(), other.instruments()]);
        let (providers, [first_providers, other_providers]) = share([first.providers(), other.providers()]);
        let (faults, [first_faults, other_faults]) = share([first.faults(), other.faults()]);
        let numbers = [
            SharedNumbers {
                users: first_users,
                instances: first_instances,
                instruments: first_instruments,
                providers: first_providers,
                faults: first_faults,
            },
            SharedNumbers {
                users: other_users,
                instances: other_instances,
                instruments: other_instruments,
                providers: other_providers,
                faults: other_faults,
            },
        ];
        (Self { users, instances, instruments, providers, faults }, numbers)
    }
}

fn share(names: [&[String]; 2]) -> (Vec<String>, [Vec<u32>; 2]) {
    let mut known: BTreeMap<&str, u32> = BTreeMap::new();
    let mut all = Vec::new();
    let numbers = names.map(|names| {
        let mut number = |name: &'_ String| -> u32 {
            all.push(name.clone());
            u32::try_from(all.len() - 1).expect("names are numbered in u32")
        };
        let mut numbers = Vec::with_capacity(names.len());
        for name in names {
            numbers.push(*known.entry(name).or_insert_with(|| number(name)));
        }
        numbers
    });
    (all, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_number() {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (all, [first, other]) = share([&names("hub client-1 client-2"), &names("client-1 client-2 client-3")]);
        assert_eq!(all, names("hub client-1 client-2 client-3"));
        assert_eq!((first, other), (vec![0, 1, 2], vec![1, 2, 3]));
    }
}
