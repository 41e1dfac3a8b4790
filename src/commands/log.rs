//! `pipeline log`: what happened with the buyer, and what comes next.

use clap::{Args, ValueEnum};

use super::context::Context;
use super::dating::{Dating, Subject};
use super::options::Changing;
use crate::change::plan::Author;
use crate::deal::event::Touch;
use crate::error::{Error, Result};

/// Write down a call, an email, a meeting or a note
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline log deal-42 call \"Will ask the board on Monday\"
  pipeline log deal-42 meeting \"Demo to six people\" --next \"Send the quote\" --due today+3d
  pipeline log deal-42 email \"Sent the brochure\" --on yesterday")]
pub(super) struct Log {
    /// The deal
    deal: String,
    /// What it was
    kind: KindArgument,
    /// What was said or done
    text: String,
    /// What comes next
    #[arg(long, value_name = "STEP")]
    next: Option<String>,
    /// When that is due
    #[arg(long, value_name = "DAY")]
    due: Option<String>,
    /// The day it happened, if not now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    #[command(flatten)]
    changing: Changing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindArgument {
    Call,
    Email,
    Meeting,
    Note,
}

impl From<KindArgument> for Touch {
    fn from(kind: KindArgument) -> Touch {
        match kind {
            KindArgument::Call => Touch::Call,
            KindArgument::Email => Touch::Email,
            KindArgument::Meeting => Touch::Meeting,
            KindArgument::Note => Touch::Note,
        }
    }
}

impl Log {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        if self.text.trim().is_empty() {
            return Err(Error::usage("there is nothing to write down: the text is empty")
                .hint("say what was said or done"));
        }
        let folder = context.folder()?;
        let process = folder.process();
        let user = Context::user(&self.changing, &folder);
        let mut next = Vec::new();
        next.extend(self.next.map(|step| ("next_step".to_owned(), step)));
        next.extend(self.due.map(|day| ("next_date".to_owned(), day)));
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let dating = Dating::new(self.on.as_deref(), &clock, &door)?;
        let subjects: Vec<Subject> = next.iter().map(|(field, _)| Subject::Field(field.clone())).collect();
        let mut events = Vec::new();
        for record in &door.records(std::slice::from_ref(&self.deal))? {
            let at = dating.of(record, &subjects)?;
            let author = Author { process, at, today: clock.today, by: &user, note: &self.text };
            events.extend(author.log(record, self.kind.into(), &next)?);
        }
        door.commit(&events.clone().into())?;
        context.report_change(process, &self.changing, &events)
    }
}
