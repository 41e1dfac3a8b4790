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

/// The column that keeps the id which a deal from elsewhere has there, so that an import knows it again.
pub const SOURCE_ID: &str = "source_id";

/// Fields that terms may use and no file holds: they are worked out.
pub const DERIVED: [&str; 9] =
    ["status", "age", "stage_age", "idle", "weighted", "pushes", "stalls", "touches", "team"];

/// What writes a column of deals.csv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The deal's addition, and nothing after it.
    Once,
    /// The deal's moves: it is where they lead.
    ByMoves,
    /// The program, at each move: no event tells of it.
    WithMoves,
    /// The program, at the deal's addition; people only to put it right.
    WithDeal,
    /// People, to say why a deal was moved.
    AboutMoves,
    /// People.
    ByHand,
}

impl Written {
    /// What writes the column of this name; people do where the program does not know it.
    pub fn of(column: &str) -> Written {
        match column {
            "id" => Written::Once,
            "stage" => Written::ByMoves,
            "stage_since" | "closed" => Written::WithMoves,
            "created" => Written::WithDeal,
            "reason" => Written::AboutMoves,
            _ => Written::ByHand,
        }
    }

    /// Whether it is there for people to fill, as far as the program knows.
    pub fn is_by_hand(self) -> bool {
        matches!(self, Written::AboutMoves | Written::ByHand)
    }

    /// Whether people may set it, each time an event.
    pub fn may_be_set(self) -> bool {
        self.is_by_hand() || self == Written::WithDeal
    }

    /// Whether a move may give it another cell.
    pub fn comes_with_moves(self) -> bool {
        matches!(self, Written::ByMoves | Written::WithMoves | Written::AboutMoves)
    }
}
