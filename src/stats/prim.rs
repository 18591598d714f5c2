//! Patient rule induction: a box in the space of the inputs in which the cases of interest lie close together. A box is peeled off slice
//! by slice, and each box on the way is kept, so that one may choose between few conditions and pure ones.
//!
//! Source: Friedman and Fisher, *Bump hunting in high-dimensional data*, 1999. What is asked of a box, its coverage, its density and the
//! quasi-p-values, is from Bryant and Lempert, *Thinking inside the box*, 2010. Peels and pastes are compared as in the EMA Workbench:
//! by the gain of density for each case that leaves or enters.

use super::binomial::at_least;

/// A peel takes about this share of the cases of the box, and a paste as many.
const ALPHA: f64 = 0.05;

/// No box has fewer of all cases than this share.
const LEAST_MASS: f64 = 0.05;

/// A restriction whose quasi-p-value is above this may be chance.
const SIGNIFICANT: f64 = 0.05;

/// The value of an input in each case.
#[derive(Clone, Debug, PartialEq)]
pub enum PrimInput {
    /// It is a number.
    Number(Vec<f64>),
    /// It is one of several things, by their numbers.
    Category(Vec<usize>),
}

/// Where an input may lie in a box.
#[derive(Clone, Debug, PartialEq)]
pub enum PrimLimits {
    /// From one number to another, both included.
    Number([f64; 2]),
    /// For each of several things whether it is in the box.
    Category(Vec<bool>),
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub struct PrimBox {
    /// The limits of each input.
    pub limits: Vec<PrimLimits>,
    /// The cases in it.
    pub cases: usize,
    /// Those of them that are of interest.
    pub hits: usize,
}

/// A side on which a box is narrower than all cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Restriction {
    /// The number of the input.
    pub input: usize,
    /// Which side of it.
    pub side: RestrictedSide,
    /// The probability of at least as many cases of interest in the box if the restriction did not matter.
    pub quasi_p: f64,
}

/// A side of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestrictedSide {
    /// What is lower lies outside.
    Low,
    /// What is higher lies outside.
    High,
    /// Some of several things lie outside.
    Category,
}

/// The boxes that were found one after the other, from that of all cases on.
#[derive(Clone, Debug)]
pub struct Prim<'c> {
    inputs: &'c [PrimInput],
    is_hit: &'c [bool],
    /// Peeled first, then pasted.
    pub boxes: Vec<PrimBox>,
}

impl<'c> Prim<'c> {
    /// Peels and pastes. `None` if no case is of interest, or all are.
    ///
    /// # Panics
    ///
    /// If an input has not a value for each case.
    #[must_use]
    pub fn of(inputs: &'c [PrimInput], is_hit: &'c [bool]) -> Option<Self> {
        assert!(inputs.iter().all(|input| input.len() == is_hit.len()), "each case has a value of each input");
        let hits = is_hit.iter().filter(|is_hit| **is_hit).count();
        if hits == 0 || hits == is_hit.len() {
            return None;
        }
        let limits = inputs.iter().map(PrimInput::whole).collect();
        let mut found = Self { inputs, is_hit, boxes: Vec::new() };
        found.boxes.push(found.counted(limits));
        while let Some(next) = found.peeled() {
            found.boxes.push(next);
        }
        while let Some(next) = found.pasted() {
            found.boxes.push(next);
        }
        Some(found)
    }

    /// The share of the cases of interest that lie in a box.
    #[must_use]
    pub fn coverage(&self, of: &PrimBox) -> f64 {
        of.hits as f64 / self.boxes[0].hits as f64
    }

    /// The number of inputs that a box restricts.
    #[must_use]
    pub fn restricted(&self, of: &PrimBox) -> usize {
        of.limits.iter().zip(&self.boxes[0].limits).filter(|(own, whole)| own != whole).count()
    }

    /// The sides on which a box is restricted, each with its quasi-p-value: that of a binomial test of the density in the box against
    /// that in the box without this restriction.
    #[must_use]
    pub fn restrictions(&self, of: &PrimBox) -> Vec<Restriction> {
        let mut found = Vec::new();
        for (input, (own, whole)) in of.limits.iter().zip(&self.boxes[0].limits).enumerate() {
            let sides: &[RestrictedSide] = match (own, whole) {
                (PrimLimits::Number(own), PrimLimits::Number(whole)) => {
                    let is_other = |end: usize| own[end].total_cmp(&whole[end]).is_ne();
                    match (is_other(0), is_other(1)) {
                        (true, true) => &[RestrictedSide::Low, RestrictedSide::High],
                        (true, false) => &[RestrictedSide::Low],
                        (false, true) => &[RestrictedSide::High],
                        (false, false) => &[],
                    }
                }
                (own, whole) if own != whole => &[RestrictedSide::Category],
                _ => &[],
            };
            for side in sides {
                let wider = self.counted(self.without(&of.limits, input, *side));
                let share = wider.hits as f64 / wider.cases as f64;
                let quasi_p = at_least(of.hits, of.cases, share);
                found.push(Restriction { input, side: *side, quasi_p });
            }
        }
        found
    }

    /// The box that describes the cases of interest best: of all boxes that with the greatest harmonic mean of coverage and density, and
    /// of equal ones the one that restricts fewest inputs. Restrictions that may be chance are then removed, the most doubtful one
    /// first. `None` if none is left.
    #[must_use]
    pub fn chosen(&self) -> Option<PrimBox> {
        let worth = |of: &PrimBox| {
            // 2 / (1 / coverage + 1 / density), from whole numbers.
            2.0 * of.hits as f64 / (self.boxes[0].hits + of.cases) as f64
        };
        let mut best = &self.boxes[0];
        for next in &self.boxes[1..] {
            let is_equal = worth(next).total_cmp(&worth(best)).is_eq();
            if worth(next) > worth(best) || is_equal && self.restricted(next) < self.restricted(best) {
                best = next;
            }
        }
        let mut chosen = best.clone();
        loop {
            let restrictions = self.restrictions(&chosen);
            let weakest = restrictions.iter().max_by(|one, other| one.quasi_p.total_cmp(&other.quasi_p))?;
            if weakest.quasi_p <= SIGNIFICANT {
                return Some(chosen);
            }
            chosen = self.counted(self.without(&chosen.limits, weakest.input, weakest.side));
        }
    }

    /// Whether a case lies within `limits`.
    fn holds(&self, limits: &[PrimLimits], case: usize) -> bool {
        self.inputs.iter().zip(limits).all(|(input, limits)| input.is_within(limits, case))
    }

    fn counted(&self, limits: Vec<PrimLimits>) -> PrimBox {
        let within = (0..self.is_hit.len()).filter(|case| self.holds(&limits, *case));
        let (cases, hits) =
            within.fold((0, 0), |(cases, hits), case| (cases + 1, hits + usize::from(self.is_hit[case])));
        PrimBox { limits, cases, hits }
    }

    fn without(&self, limits: &[PrimLimits], input: usize, side: RestrictedSide) -> Vec<PrimLimits> {
        let mut wider = limits.to_vec();
        match (&mut wider[input], &self.boxes[0].limits[input], side) {
            (PrimLimits::Number(own), PrimLimits::Number(whole), RestrictedSide::Low) => own[0] = whole[0],
            (PrimLimits::Number(own), PrimLimits::Number(whole), RestrictedSide::High) => own[1] = whole[1],
            (own, whole, _) => own.clone_from(whole),
        }
        wider
    }

    /// The best box that is smaller by one slice of one input.
    fn peeled(&self) -> Option<PrimBox> {
        let now = self.boxes.last()?;
        let within: Vec<usize> = (0..self.is_hit.len()).filter(|case| self.holds(&now.limits, *case)).collect();
        let mut peels = Vec::new();
        for (input, limits) in now.limits.iter().enumerate() {
            let mut peel = |limits: PrimLimits| {
                let mut all = now.limits.clone();
                all[input] = limits;
                peels.push(self.counted(all));
            };
            match (&self.inputs[input], limits) {
                (PrimInput::Number(values), PrimLimits::Number([low, high])) => {
                    let own: Vec<f64> = within.iter().map(|case| values[*case]).collect();
                    peel(PrimLimits::Number([*low, cut(own.clone(), 1.0 - ALPHA)]));
                    peel(PrimLimits::Number([cut(own, ALPHA), *high]));
                }
                (_, PrimLimits::Category(are_in)) if are_in.iter().filter(|is_in| **is_in).count() > 1 => {
                    for (category, _) in are_in.iter().enumerate().filter(|(_, is_in)| **is_in) {
                        let mut fewer = are_in.clone();
                        fewer[category] = false;
                        peel(PrimLimits::Category(fewer));
                    }
                }
                _ => {}
            }
        }
        let best = self.best(peels)?;
        let is_large = best.cases as f64 / self.is_hit.len() as f64 >= LEAST_MASS;
        (is_large && best.cases < now.cases && self.gain(&best) > 0.0).then_some(best)
    }

    /// The best box that is larger by one slice of one input, if it is denser all the same.
    fn pasted(&self) -> Option<PrimBox> {
        let now = self.boxes.last()?;
        let mut pastes = Vec::new();
        for (input, (limits, all_cases)) in now.limits.iter().zip(&self.boxes[0].limits).enumerate() {
            let mut paste = |limits: PrimLimits| {
                let mut all = now.limits.clone();
                all[input] = limits;
                pastes.push(self.counted(all));
            };
            match (&self.inputs[input], limits, all_cases) {
                (PrimInput::Number(values), PrimLimits::Number(own), PrimLimits::Number(whole))
                    if limits != all_cases =>
                {
                    // The cases that lie beside the box, and in it as far as the other inputs say.
                    let beside = |[from, to]: [f64; 2]| -> Vec<f64> {
                        let mut all = now.limits.clone();
                        all[input] = PrimLimits::Number([from, to]);
                        (0..values.len()).filter(|case| self.holds(&all, *case)).map(|case| values[case]).collect()
                    };
                    let below = beside([whole[0], own[0]]);
                    let low = if below.is_empty() { whole[0] } else { cut(below, 1.0 - ALPHA) };
                    paste(PrimLimits::Number([low, own[1]]));
                    let above = beside([own[1], whole[1]]);
                    let high = if above.is_empty() { whole[1] } else { cut(above, ALPHA) };
                    paste(PrimLimits::Number([own[0], high]));
                }
                (_, PrimLimits::Category(own), PrimLimits::Category(whole)) => {
                    for (category, _) in own.iter().zip(whole).enumerate().filter(|(_, (own, whole))| !**own && **whole)
                    {
                        let mut more = own.clone();
                        more[category] = true;
                        paste(PrimLimits::Category(more));
                    }
                }
                _ => {}
            }
        }
        let best = self.best(pastes)?;
        (best.cases > now.cases && self.gain(&best) > 0.0).then_some(best)
    }

    /// The box with the greatest gain, and of equal ones that with the fewest restricted inputs; the first one of several.
    fn best(&self, boxes: Vec<PrimBox>) -> Option<PrimBox> {
        let mut best: Option<PrimBox> = None;
        for next in boxes {
            let is_better = best.as_ref().is_none_or(|best| {
                let order = self.gain(&next).total_cmp(&self.gain(best));
                order.then(self.restricted(best).cmp(&self.restricted(&next))).is_gt()
            });
            if is_better {
                best = Some(next);
            }
        }
        best
    }

    /// By how much denser a box is than the last one, for each case by which they differ.
    fn gain(&self, next: &PrimBox) -> f64 {
        let now = self.boxes.last().expect("the first box is that of all cases");
        let density = |of: &PrimBox| if of.cases == 0 { 0.0 } else { of.hits as f64 / of.cases as f64 };
        match now.cases.abs_diff(next.cases) {
            0 => 0.0,
            changed => (density(next) - density(now)) / changed as f64,
        }
    }
}

impl PrimInput {
    fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Category(values) => values.len(),
        }
    }

    /// The limits around all cases.
    fn whole(&self) -> PrimLimits {
        match self {
            Self::Number(values) => {
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                PrimLimits::Number([least, most])
            }
            Self::Category(values) => {
                let mut are_in = vec![false; values.iter().max().map_or(0, |last| last + 1)];
                for value in values {
                    are_in[*value] = true;
                }
                PrimLimits::Category(are_in)
            }
        }
    }

    fn is_within(&self, limits: &PrimLimits, case: usize) -> bool {
        match (self, limits) {
            (Self::Number(values), PrimLimits::Number([low, high])) => (*low..=*high).contains(&values[case]),
            (Self::Category(values), PrimLimits::Category(are_in)) => are_in[values[case]],
            _ => unreachable!("limits are of the kind of their input"),
        }
    }
}

/// The place between two neighbours at which about the share `part` of the values is lower: between different ones, wherever there are
/// any further out.
fn cut(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    let place = last as f64 * part;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is an index")]
    let (mut below, mut above) = (place.floor() as usize, place.ceil() as usize);
    let is_same = |below: usize, above: usize| values[below].total_cmp(&values[above]).is_eq();
    if part > 0.5 {
        while is_same(below, above) && below > 0 {
            below -= 1;
        }
    } else {
        while is_same(below, above) && above < last {
            above += 1;
        }
    }
    f64::midpoint(values[below], values[above])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grid of 20 × 20 cases, with a third input that does not matter.
    fn grid() -> [PrimInput; 3] {
        let number = |of: fn(usize) -> usize| PrimInput::Number((0..400).map(|case| of(case) as f64).collect());
        [
            number(|case| case % 20),
            number(|case| case / 20),
            PrimInput::Category((0..400).map(|case| case % 3).collect()),
        ]
    }

    #[test]
    fn a_known_box_is_found_and_nothing_else_is_restricted() {
        let inputs = grid();
        let is_hit: Vec<bool> = (0..400).map(|case| case % 20 < 8 && case / 20 >= 12).collect();
        let prim = Prim::of(&inputs, &is_hit).expect("some are hits");
        let chosen = prim.chosen().expect("a box");
        assert_eq!((chosen.cases, chosen.hits), (64, 64), "{chosen:?}");
        assert!((prim.coverage(&chosen) - 1.0).abs() < 1e-12);
        let PrimLimits::Number([_, high]) = chosen.limits[0] else { panic!("{chosen:?}") };
        let PrimLimits::Number([low, _]) = chosen.limits[1] else { panic!("{chosen:?}") };
        assert!((7.0..8.0).contains(&high) && (11.0..=12.0).contains(&low), "{high} {low}");
        let sides: Vec<(usize, RestrictedSide)> =
            prim.restrictions(&chosen).iter().map(|one| (one.input, one.side)).collect();
        assert_eq!(sides, [(0, RestrictedSide::High), (1, RestrictedSide::Low)]);
    }

    #[test]
    fn things_are_left_out_one_after_the_other() {
        let inputs = [PrimInput::Category((0..300).map(|case| case % 5).collect())];
        let is_hit: Vec<bool> = (0..300).map(|case| [1, 3].contains(&(case % 5))).collect();
        let chosen = Prim::of(&inputs, &is_hit).expect("some are hits").chosen().expect("a box");
        assert_eq!(chosen.limits, [PrimLimits::Category(vec![false, true, false, true, false])]);
    }

    /// The smallest slice of one input has two cases of interest of three, among as many as there are elsewhere.
    #[test]
    fn what_may_be_chance_restricts_nothing() {
        let inputs = grid();
        let is_hit: Vec<bool> = (0..400).map(|case| (case * 7919) % 2 == 0).collect();
        let prim = Prim::of(&inputs[1..2], &is_hit).expect("some are hits");
        assert_eq!(prim.chosen(), None, "{:?}", prim.boxes);
        assert!(Prim::of(&inputs, &[true; 400]).is_none() && Prim::of(&inputs, &[false; 400]).is_none());
    }

    /// By hand: of 10 cases 5 are of interest, the 5 lowest ones. P(5 of 5 | ½) = 1 / 32.
    #[test]
    fn quasi_p_values_by_hand() {
        let inputs = [PrimInput::Number((0..10).map(f64::from).collect())];
        let is_hit: Vec<bool> = (0..10).map(|case| case < 5).collect();
        let prim = Prim::of(&inputs, &is_hit).expect("some are hits");
        let chosen = prim.chosen().expect("a box");
        assert_eq!((chosen.cases, chosen.hits), (5, 5));
        let [restriction] = prim.restrictions(&chosen)[..] else { panic!("one restriction") };
        assert!((restriction.quasi_p - 1.0 / 32.0).abs() < 1e-12, "{restriction:?}");
    }
}
