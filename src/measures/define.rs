//! The form in which measures are declared: each has its definition, its place and its row in [`ALL`](super::ALL) from one text.

/// Declares measures as constants, and lists them. The doc comment of a constant is also the definition that results
/// carry.
macro_rules! measures {
    ($(
        $(#[doc = $definition:literal])+
        $constant:ident: $name:literal, $spoken:literal, $unit:ident, $comparison:ident, $better:ident, $aggregate:ident,
            $needs:ident $(($most:literal))?, $matters:ident($least:literal), $source:expr;
    )+) => {
        /// The place of each measure among all.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "they are the names of the constants")]
        enum Place { $($constant),+ }

        $(
            $(#[doc = $definition])+
            #[doc = ""]
            #[doc = concat!("Unit: [`Unit::", stringify!($unit), "`].")]
            pub const $constant: MeasureId = MeasureId(Place::$constant);
        )+

        /// The definition of each measure, at its place.
        static DEFINITIONS: [Measure; ALL.len()] = [$(Measure {
            name: $name,
            spoken: $spoken,
            unit: Unit::$unit,
            definition: concat!($($definition),+),
            comparison: Comparison::$comparison,
            better: Better::$better,
            aggregate: Aggregate::$aggregate,
            needs: Needs::$needs $(($most))?,
            source: $source,
            matters: Matters::$matters($least),
        }),+];

        /// All measures, in the order in which results list them.
        pub const ALL: &[MeasureId] = &[$($constant),+];
    };
}
