//! Texts as people read them: numbers with their thousands apart, and no character that steers a terminal.

mod digits;
mod sentences;
mod visible;

pub(crate) use digits::{grouped, grouped_digits};
pub(crate) use sentences::{capitalised, listed, quoted, spaced};
pub(crate) use visible::{Visible, is_hidden, visible};
