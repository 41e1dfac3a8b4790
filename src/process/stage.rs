//! One stage of the process: what it is called, what it asks of a deal, and where it leads.

use std::fmt;

use rust_decimal::Decimal;

/// How a deal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The buyer bought.
    Won,
    /// The buyer bought elsewhere, or not at all.
    Lost,
    /// It was no deal for us to begin with.
    Disqualified,
}

impl Outcome {
    /// Every outcome, in the order that reports list them.
    pub const ALL: [Outcome; 3] = [Outcome::Won, Outcome::Lost, Outcome::Disqualified];

    /// The word that files, terms and JSON use.
    pub fn id(self) -> &'static str {
        match self {
            Outcome::Won => "won",
            Outcome::Lost => "lost",
            Outcome::Disqualified => "disqualified",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The place of a stage in its process: a small number that stands for the stage everywhere inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StageIndex(u16);

impl StageIndex {
    /// The reserved stage of deals that never were.
    pub const DELETED: StageIndex = StageIndex(u16::MAX);
    /// How the files name it.
    pub const DELETED_ID: &str = "deleted";
    /// Open, in a stage that the files do not tell.
    pub const UNKNOWN: StageIndex = StageIndex(u16::MAX - 1);
    /// The most stages that a process may have.
    pub const MOST: usize = 200;

    pub(super) fn at(position: usize) -> StageIndex {
        // The reader refuses a process of more than `MOST` stages.
        StageIndex(position as u16)
    }

    /// Its position among the stages as written.
    pub fn position(self) -> usize {
        usize::from(self.0)
    }
}

/// A language that names and headings can be had in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Traditional Chinese.
    ZhTw,
}

impl Lang {
    /// All of them.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::ZhTw];

    /// The language of a tag: `en` or `zh-TW`, without regard to case.
    pub fn named(tag: &str) -> Option<Lang> {
        match tag.to_ascii_lowercase().as_str() {
            "en" => Some(Lang::En),
            "zh-tw" => Some(Lang::ZhTw),
            _ => None,
        }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::ZhTw => "zh-TW",
        }
    }
}

/// A text in one or several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// `(language tag, text)` as written; one text for all languages has an empty tag.
    pub texts: Vec<(String, String)>,
}

impl Words {
    /// One text for all languages.
    pub fn plain(text: impl Into<String>) -> Words {
        Words { texts: vec![(String::new(), text.into())] }
    }

    /// A text of ours, in each language.
    pub fn of_ours(text: impl Fn(Lang) -> String) -> Words {
        Words { texts: Lang::ALL.map(|lang| (lang.tag().to_owned(), text(lang))).into() }
    }

    /// The text in a language, else the one for all languages, else the first there is; empty when there is none.
    pub fn text(&self, lang: Lang) -> &str {
        let tagged = |tag: &str| self.texts.iter().find(|(other, _)| other.eq_ignore_ascii_case(tag));
        let found = tagged(lang.tag()).or_else(|| tagged("")).or_else(|| tagged("en")).or(self.texts.first());
        found.map_or("", |(_, text)| text)
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// What a deal needs before it may come into a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Columns that must not be empty.
    pub require: Vec<String>,
    /// Terms that must hold.
    pub when: Vec<String>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What the files call it.
    pub id: String,
    /// What people call it.
    pub name: Words,
    /// How deals end here; `None` for an open stage.
    pub outcome: Option<Outcome>,
    /// The chance, 0 to 1, that a deal here is won; for the weighted forecast.
    pub probability: Option<Decimal>,
    /// Days after which a deal has been here too long.
    pub stale_after: Option<u32>,
    /// Former ids that now mean this stage.
    pub was: Vec<String>,
    /// What a deal needs to come in.
    pub enter: Gate,
    /// Columns that are filled on entry where they are empty, with what.
    pub on_enter: Vec<(String, String)>,
    /// What this stage is there to find out.
    pub goal: Words,
    /// What to do in it.
    pub checklist: Vec<Words>,
}

impl Stage {
    /// Its name in a language; its id when it has none.
    pub fn title(&self, lang: Lang) -> &str {
        let name = self.name.text(lang);
        if name.is_empty() { &self.id } else { name }
    }

    /// What it is called in a sentence: in English by its id, which is what one types; else by its name.
    pub fn called_in(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.id,
            Lang::ZhTw => self.title(lang),
        }
    }

    /// Everything it is called: id, former ids, names.
    pub fn called(&self) -> impl Iterator<Item = &str> {
        let names = self.name.texts.iter().map(|(_, text)| text.as_str());
        std::iter::once(self.id.as_str()).chain(self.was.iter().map(String::as_str)).chain(names)
    }
}
