//! The sentence on how many variants meet the requirements. No variant that meets or misses them is hidden.

use super::numbers::listed;

/// If more variants meet the requirements, those that miss them are named, if they are fewer.
const VARIANTS_NAMED: usize = 4;

/// The variants by what is decided on them.
pub(super) struct VariantCount {
    /// `requirement`, or `requirements`.
    pub(super) requirements: &'static str,
    /// How many variants there are.
    pub(super) all: usize,
    /// Those that surely meet the requirements.
    pub(super) met: Vec<String>,
    /// Those that surely do not.
    pub(super) missed: Vec<String>,
    /// Those whose every replication keeps to the requirements, though it is not sure that they are met.
    pub(super) kept: Vec<String>,
}

impl VariantCount {
    /// How many meet the requirements, and which of them, or which do not: none of either is hidden.
    pub(super) fn told(&self) -> String {
        let Self { requirements, all, met, missed, kept } = self;
        if !kept.is_empty() {
            return self.told_with_kept();
        }
        match (met.len(), *all) {
            (2, 2) => format!("Both variants meet the {requirements}."),
            (met, all) if met == all => format!("All {all} variants meet the {requirements}."),
            (0, all) if missed.len() == all => format!("No variant meets the {requirements}."),
            (0, _) => format!("No variant surely meets the {requirements}."),
            (1, all) => format!("Of the {all} variants only {} meets the {requirements}.", met[0]),
            (count, all) => format!("{count} of {all} variants meet the {requirements}{}.", self.which()),
        }
    }

    /// Who keeps to the requirements in every replication counts with those that surely meet them: it is as good as they are, if not proven.
    fn told_with_kept(&self) -> String {
        let Self { requirements, all, met, kept, .. } = self;
        let names: Vec<String> = met.iter().chain(kept).cloned().collect();
        let of_all = names.len() == *all;
        let who = match names.len() {
            2 if of_all => "Both variants".to_owned(),
            count if of_all => format!("All {count} variants"),
            count => format!("{count} of {all} variants"),
        };
        let meet = if names.len() == 1 { "meets" } else { "meet" };
        let which = if of_all { String::new() } else { format!(": {}", listed(&names)) };
        format!("{who} {meet} the {requirements}{which}, as far as was seen.")
    }

    /// Who of those that keep to the requirements does so by what was seen, though not surely; `None` if nobody.
    pub(super) fn unproven(&self) -> Option<String> {
        let Self { met, kept, .. } = self;
        match (met.len(), kept.len()) {
            (_, 0) => None,
            (0, 1) => Some("it".to_owned()),
            (0, _) => Some("these".to_owned()),
            _ => Some(listed(kept)),
        }
    }

    /// Names those that meet the requirements, or those that miss them: all of either.
    fn which(&self) -> String {
        let Self { met, missed, .. } = self;
        if met.len() <= VARIANTS_NAMED || met.len() <= missed.len() {
            return format!(": {}", listed(met));
        }
        match missed.len() {
            0 => String::new(),
            1 => format!("; {} does not", missed[0]),
            _ => format!("; {} do not", listed(missed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list that is too long gives way to the shorter one of those that miss the requirements.
    #[test]
    fn no_variant_that_meets_or_misses_is_hidden() {
        let names = |numbers: std::ops::Range<u32>| numbers.map(|number| format!("v{number}")).collect::<Vec<_>>();
        let told = |met, missed, kept| {
            let [met, missed, kept] = [met, missed, kept].map(names);
            let all = met.len() + missed.len() + kept.len();
            let counted = VariantCount { requirements: "requirements", all, met, missed, kept };
            [Some(counted.told()), counted.unproven()].into_iter().flatten().collect::<Vec<_>>().join(" Unproven: ")
        };
        assert_eq!(told(0..5, 5..7, 0..0), "5 of 7 variants meet the requirements; v5 and v6 do not.");
        assert_eq!(told(0..5, 5..6, 0..0), "5 of 6 variants meet the requirements; v5 does not.");
        assert_eq!(told(0..3, 3..9, 0..0), "3 of 9 variants meet the requirements: v0, v1 and v2.");
        assert_eq!(
            told(0..2, 0..0, 2..4),
            "All 4 variants meet the requirements, as far as was seen. Unproven: v2 and v3"
        );
        assert_eq!(
            told(0..1, 1..2, 2..3),
            "2 of 3 variants meet the requirements: v0 and v2, as far as was seen. Unproven: v2"
        );
        assert_eq!(
            told(0..0, 0..1, 1..3),
            "2 of 3 variants meet the requirements: v1 and v2, as far as was seen. Unproven: these"
        );
        assert_eq!(
            told(0..0, 0..1, 1..2),
            "1 of 2 variants meets the requirements: v1, as far as was seen. Unproven: it"
        );
    }
}
