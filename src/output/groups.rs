//! What the formats for programs share: how the groups of a row are called.

use std::borrow::Cow;

use crate::metrics::figures::Section;

/// The keys of a section's groups: `owner`, or `by_owner` where `owner` is a column as well.
pub(super) fn group_keys(section: &Section) -> Vec<Cow<'_, str>> {
    let taken = |key: &str| section.columns.iter().any(|column| column.key == key);
    let named = |key| if taken(key) { Cow::Owned(format!("by_{key}")) } else { Cow::Borrowed(key) };
    section.by.iter().map(|key| named(key.as_str())).collect()
}
