//! Texts as people read them: numbers with their thousands apart, and no character that steers a terminal.

mod digits;
mod visible;

pub(crate) use digits::{grouped, grouped_digits};
pub(crate) use visible::{Visible, is_hidden, visible};
