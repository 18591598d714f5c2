//! The document of a study: the tree of its file, and what the command line adds.

use crate::scenario::base;
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::folder::DataFiles;
use crate::scenario::overrides::{self, CommandLine};
use crate::scenario::tree::Node;

/// Which of a file's tables make the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Of {
    Variants,
    Grid,
}

/// What a study is read from.
#[derive(Clone, Copy)]
pub(super) struct StudyText<'d> {
    pub(super) file: &'d str,
    pub(super) text: &'d str,
    pub(super) overrides: &'d [String],
    pub(super) files: &'d dyn DataFiles,
    pub(super) of: Of,
}

impl StudyText<'_> {
    /// The tree, and what the command line adds. A context without texts gives the texts the same numbers each time, so a
    /// place in one context is the same place in another.
    pub(super) fn open(&self, context: &Context<'_>) -> OrNoted<(Node, CommandLine)> {
        let mut root = base::document(context, self.file, self.text)?;
        let line = match self.of {
            Of::Grid => overrides::apply_but_axes(&mut root, self.overrides, context),
            Of::Variants => overrides::apply(&mut root, self.overrides, context),
        };
        Ok((root, line))
    }
}
