//! The command `report`: draws the page of results once more, or sets two results side by side; simulates nothing.

use std::path::{Path, PathBuf};

use crate::record::ResultFile;
use crate::report::{self, RedrawError};
use crate::store::{self, StoreError};

use super::arguments::ReportArguments;
use super::{CommandError, export, output};

pub(super) fn report(arguments: &ReportArguments) -> Result<(), CommandError> {
    let written = match (arguments.results.as_slice(), &arguments.out) {
        ([one], None) => redraw(one)?,
        ([_], Some(_)) => {
            let help = "leave --out out, or name two folders of results to set them side by side";
            return Err(CommandError::Input(format!(
                "error: --out is for two results side by side; one is drawn where it lies\n  help: {help}"
            )));
        }
        ([left, right], out) => set_side_by_side(left, right, out.clone())?,
        _ => unreachable!("one or two folders are required"),
    };
    if arguments.quiet { Ok(()) } else { output::print(&format!("{}\n", written.join(report::PAGE).display())) }
}

/// Draws the page of the results in `folder` once more.
fn redraw(folder: &Path) -> Result<PathBuf, CommandError> {
    let kept = store::kept(folder).map_err(|error| input(&error))?;
    let drawn = report::redrawn(&kept).map_err(|error| refused(folder, &error))?;
    if is_same(&kept, &drawn) {
        return Ok(folder.to_owned());
    }
    store::check_target(folder, None, &output::complain).map_err(|error| input(&error))?;
    export::write_files(&drawn, folder, None).map(|()| folder.to_owned())
}

/// Whether the files are the same, in whatever order.
fn is_same(kept: &[ResultFile], drawn: &[ResultFile]) -> bool {
    kept.len() == drawn.len() && drawn.iter().all(|file| kept.contains(file))
}

fn set_side_by_side(left: &Path, right: &Path, out: Option<PathBuf>) -> Result<PathBuf, CommandError> {
    let of = |folder: &Path| store::kept(folder).map_err(|error| input(&error));
    let (kept_left, kept_right) = (of(left)?, of(right)?);
    let labels = labels(left, right);
    let files = report::side_by_side([(&labels[0], &kept_left), (&labels[1], &kept_right)])
        .map_err(|(index, error)| refused([left, right][index], &error))?;
    // A path is no name of one folder.
    let name = labels.map(|label| label.replace(std::path::is_separator, "-")).join("-beside-");
    let folder = out.unwrap_or_else(|| PathBuf::from("results").join(name));
    store::check_target(&folder, None, &output::complain).map_err(|error| input(&error))?;
    export::write_files(&files, &folder, None).map(|()| folder)
}

/// What two results are called: their folders, by their whole paths if the last parts are the same.
fn labels(left: &Path, right: &Path) -> [String; 2] {
    let last = |folder: &Path| folder.file_name().map(|name| name.to_string_lossy().into_owned());
    match [left, right].map(last) {
        [Some(left), Some(right)] if left != right => [left, right],
        _ => [left, right].map(|folder| folder.display().to_string()),
    }
}

fn input(error: &StoreError) -> CommandError {
    CommandError::Input(format!("error: {error}"))
}

/// Why no page can be drawn from the results in `folder`.
fn refused(folder: &Path, error: &RedrawError) -> CommandError {
    CommandError::Input(format!(
        "error: `{}` cannot be drawn: {error}\n  help: simulate it again with this version; studies with --resume take what is \
         there",
        folder.display()
    ))
}
