//! Results in a folder that can be moved: they take its place as a whole, and the earlier ones are kept aside until that is done
//! and on disk.

use std::path::Path;

use super::disposal;
use super::error::StoreError;
use super::foreign;
use super::moves::Moves;
use super::paths::{counterpart, exists, sync_folder};
use super::staging::Staging;
use super::target::Target;

/// Puts `staging`, which is complete, in the place of the earlier results, if there are any.
///
/// # Errors
///
/// [`StoreError`].
pub(super) fn replace(target: &Target<'_>, staging: &Staging) -> Result<(), StoreError> {
    let (folder, previous) = (&target.folder, target.own("previous"));
    if !folder.exists() {
        disposal::move_to(&staging.path, folder)?;
        return Ok(sync_folder(target.parent())?);
    }
    disposal::move_to(folder, &previous)?;
    let mut moves = Moves::default();
    let done = moves.make(&staging.path, folder).map_err(StoreError::from);
    let done = done.and_then(|()| foreign::carry_over(&previous, folder, &mut moves));
    if let Err(cause) = done.and_then(|()| Ok(moves.sync_folders()?)) {
        // Only when every entry is back may `staging`, which held some of them, disappear.
        return Err(match moves.undo().and_then(|()| disposal::move_to(&previous, folder)) {
            Ok(()) => cause,
            Err(source) => StoreError::Stranded { cause: Box::new(cause), folder: folder.clone(), previous, source },
        });
    }
    moves.tell(target.tell);
    discard(&previous, target.tell);
    Ok(())
}

/// Puts back what a replacement had moved aside: all of it, or if the new results are in place, what had not moved yet.
///
/// # Errors
///
/// [`StoreError`].
pub(super) fn put_back(target: &Target<'_>, previous: &Path) -> Result<(), StoreError> {
    if let Err(StoreError::NotResults { folder: previous, .. }) = foreign::recognise(previous) {
        return Err(StoreError::Interrupted { previous });
    }
    if !exists(&target.folder) {
        disposal::move_to(previous, &target.folder)?;
        return Ok(sync_folder(target.parent())?);
    }
    let mut moves = Moves::default();
    foreign::carry_over(previous, &target.folder, &mut moves)?;
    moves.sync_folders()?;
    moves.tell(target.tell);
    discard(previous, target.tell);
    Ok(())
}

/// Removes earlier results that nobody needs any more.
fn discard(previous: &Path, tell: &dyn Fn(&str)) {
    // If this process is killed meanwhile, the new name tells the next one that nothing here has to come back.
    let discarded = counterpart(previous, "previous", "partial");
    match disposal::move_to(previous, &discarded) {
        Ok(()) => disposal::tidy(&discarded, disposal::remove_results, tell),
        Err(error) => disposal::tidy(previous, |_| Err(error), tell),
    }
}
