//! The columns that every pipeline has, and the fields that are worked out from them.

/// The columns of deals.csv that the tool knows, in the order that a new file has them.
pub const COLUMNS: [&str; 19] = [
    "id",
    "name",
    "account",
    "contact",
    "owner",
    "source",
    "stage",
    "stage_since",
    "value",
    "currency",
    "probability",
    "created",
    "close_date",
    "closed",
    "reason",
    "next_step",
    "next_date",
    "forecast",
    "tags",
];

/// Fields that terms may use and no file holds: they are worked out.
pub const DERIVED: [&str; 9] =
    ["status", "age", "stage_age", "idle", "weighted", "pushes", "stalls", "touches", "team"];

/// Columns that no rule of a stage may fill: they say which deal it is, or follow from its moves.
pub(super) const MOVED: [&str; 6] = ["id", "name", "stage", "stage_since", "created", "closed"];
