//! Cuts an expression into words, brackets, operators and values. It knows the signs, not what the fields mean.

use std::borrow::Cow;
use std::ops::Range;

use super::flaw::Flaw;
use crate::fold::{narrow, starts_with_words};

/// What a term begins with, or what stands between terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// Nothing is left.
    End,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `and`
    And,
    /// `or`
    Or,
    /// `not`
    Not,
    /// `@name`, without the sign.
    View(&'t str),
    /// A text to search for.
    Word { text: Cow<'t, str>, quoted: bool },
    /// The name before an operator, which comes next.
    Field(Cow<'t, str>),
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Lexeme<'t> {
    pub(super) token: Token<'t>,
    pub(super) place: Range<usize>,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
    Like,
    NotLike,
}

impl Op {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Op::Equal => "=",
            Op::NotEqual => "!=",
            Op::Less => "<",
            Op::AtMost => "<=",
            Op::More => ">",
            Op::AtLeast => ">=",
            Op::Like => "~",
            Op::NotLike => "!~",
        }
    }

    /// The operator that was meant by signs which are none here.
    fn meant(signs: &str) -> &'static str {
        match signs {
            "==" | "===" => "=",
            "=~" | "~=" | "~~" => "~",
            "=<" => "<=",
            "=>" => ">=",
            "<>" | "=!" | "!==" => "!=",
            _ => "=, !=, <, <=, >, >=, ~ or !~",
        }
    }

    /// Whether it asks for one of several values, which a comma may list.
    pub(super) fn lists(self) -> bool {
        matches!(self, Op::Equal | Op::NotEqual | Op::Like | Op::NotLike)
    }

    /// `=` or `!=`: may ask for nothing, anything or a range.
    pub(super) fn equates(self) -> bool {
        matches!(self, Op::Equal | Op::NotEqual)
    }

    pub(super) fn is_negated(self) -> bool {
        matches!(self, Op::NotEqual | Op::NotLike)
    }
}

/// One value after an operator, as written.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// Without its quotes; empty when nothing was written.
    pub(super) text: String,
    pub(super) quoted: bool,
    /// Whether a space stands between it and the comma before it.
    pub(super) after_space: bool,
    pub(super) place: Range<usize>,
}

/// A cursor over an expression.
#[derive(Clone)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '=' | '<' | '>' | '~' | '!')
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Lexer<'t> {
        Lexer { text, at: 0 }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The character here, in its narrow form: a full width bracket is a bracket.
    pub(super) fn here(&self) -> Option<char> {
        self.rest().chars().next().map(narrow)
    }

    /// Where the character here stands.
    fn one(&self) -> Range<usize> {
        self.at..self.at + self.rest().chars().next().map_or(0, char::len_utf8)
    }

    fn bump(&mut self) {
        self.at = self.one().end;
    }

    fn take(&mut self, letter: char) -> bool {
        let there = self.here() == Some(letter);
        if there {
            self.bump();
        }
        there
    }

    pub(super) fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    pub(super) fn at_space(&self) -> bool {
        self.here().is_some_and(char::is_whitespace)
    }

    fn at_operator(&self) -> bool {
        let mut next = self.rest().chars().map(narrow);
        match next.next() {
            Some('!') => matches!(next.next(), Some('=' | '~')),
            Some(letter) => is_sign(letter),
            None => false,
        }
    }

    /// The next token of a term.
    pub(super) fn next(&mut self) -> Result<Lexeme<'t>, Flaw> {
        self.skip_space();
        let start = self.at;
        let token = match self.here() {
            None => Token::End,
            Some('(') => {
                self.bump();
                Token::Open
            }
            Some(')') => {
                self.bump();
                Token::Close
            }
            Some('@') => {
                self.bump();
                Token::View(self.word())
            }
            Some('"') => {
                let text = Cow::Owned(self.quoted()?);
                if self.operator_follows() { Token::Field(text) } else { Token::Word { text, quoted: true } }
            }
            Some('!') if !self.at_operator() => {
                return Err(
                    Flaw::at(self.one(), "`!` is written `not` here").help("write not before the term")
                );
            }
            Some(letter) if is_sign(letter) => {
                self.signs();
                let signs = &self.text[start..self.at];
                return Err(Flaw::at(start..self.at, format!("`{signs}` needs a field before it"))
                    .help("write the field first, such as owner=ana; put text in quotes to search for it"));
            }
            Some(_) => self.plain()?,
        };
        Ok(Lexeme { token, place: start..self.at })
    }

    /// A field, a keyword or a search without quotes.
    fn plain(&mut self) -> Result<Token<'t>, Flaw> {
        let start = self.at;
        let word = self.word();
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        if self.operator_follows() {
            return Ok(Token::Field(Cow::Borrowed(word)));
        }
        match self.here() {
            Some(',') => {
                return Err(Flaw::at(self.one(), "a comma lists values after an operator, not searches")
                    .help("write `or` between searches, or put the text in quotes"));
            }
            Some('"') => return Err(self.glued(start, "a quote")),
            Some('(') if !is("and") && !is("or") && !is("not") => return Err(self.glued(start, "a bracket")),
            _ => {}
        }
        match word {
            "&" | "&&" => {
                Err(Flaw::at(start..self.at, format!("`{word}` is written `and` here, or left out")))
            }
            "|" | "||" => Err(Flaw::at(start..self.at, format!("`{word}` is written `or` here"))),
            _ if is("and") => Ok(Token::And),
            _ if is("or") => Ok(Token::Or),
            _ if is("not") => Ok(Token::Not),
            _ => Ok(Token::Word { text: Cow::Borrowed(word), quoted: false }),
        }
    }

    fn glued(&self, start: usize, what: &str) -> Flaw {
        Flaw::at(self.one(), format!("{what} stands inside a word"))
            .help(format!("put a space before it, or the whole text in quotes: {}", self.in_quotes(start)))
    }

    /// What to write for the text that starts here and ends with the next space.
    fn in_quotes(&self, start: usize) -> String {
        let text: &str = self.text[start..].split_whitespace().next().unwrap_or_default();
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }

    fn word(&mut self) -> &'t str {
        let start = self.at;
        while let Some(letter) = self.here() {
            if letter.is_whitespace() || matches!(letter, '(' | ')' | '"' | ',') || self.at_operator() {
                break;
            }
            self.bump();
        }
        &self.text[start..self.at]
    }

    fn operator_follows(&self) -> bool {
        let mut ahead = self.clone();
        ahead.skip_space();
        ahead.at_operator()
    }

    fn signs(&mut self) {
        while self.here().is_some_and(is_sign) {
            self.bump();
        }
    }

    /// The operator after a field, and where it stands.
    pub(super) fn operator(&mut self) -> Result<(Op, Range<usize>), Flaw> {
        self.skip_space();
        let start = self.at;
        self.signs();
        let place = start..self.at;
        let signs: String = self.text[place.clone()].chars().map(narrow).collect();
        let all =
            [Op::Equal, Op::NotEqual, Op::Less, Op::AtMost, Op::More, Op::AtLeast, Op::Like, Op::NotLike];
        match all.into_iter().find(|op| op.sign() == signs) {
            Some(op) => Ok((op, place)),
            None => Err(Flaw::at(place, format!("`{signs}` is no operator")).help(format!(
                "write {}; a value that starts with a sign goes in quotes",
                Op::meant(&signs)
            ))),
        }
    }

    /// A text in quotes, which start here.
    fn quoted(&mut self) -> Result<String, Flaw> {
        let start = self.at;
        self.bump();
        let inside = self.at;
        let mut text = String::new();
        loop {
            let Some(letter) = self.rest().chars().next() else {
                return Err(
                    Flaw::at(start..inside, "this quote is not closed").help("end the text with another \"")
                );
            };
            self.bump();
            match letter {
                '\\' if matches!(self.here(), Some('"' | '\\')) => {
                    text.extend(self.rest().chars().next());
                    self.bump();
                }
                _ if narrow(letter) == '"' => break,
                _ => text.push(letter),
            }
        }
        let apart = self.here().is_none_or(|next| next.is_whitespace() || matches!(next, ',' | ')'));
        if apart || self.at_operator() {
            return Ok(text);
        }
        Err(Flaw::at(self.one(), "this stands right after a quote")
            .help("put a space between them, or all of it in quotes; a quote inside is written \\\""))
    }

    /// The values after an operator: one, or several with commas between. An [`Atom`] is empty where nothing stands.
    ///
    /// `phrases` are the values of several words that need no quotes here.
    pub(super) fn values(&mut self, phrases: &[String]) -> Result<Vec<Atom>, Flaw> {
        let mut atoms = vec![self.value(phrases, false)?];
        loop {
            let comma = self.one();
            if !self.take(',') {
                return Ok(atoms);
            }
            let after_space = self.at_space();
            self.skip_space();
            let atom = self.value(phrases, after_space)?;
            if atom.place.is_empty() && self.here() != Some(',') {
                return Err(Flaw::at(comma, "a value is missing after this comma")
                    .help("leave the comma out, or write \"\" for none"));
            }
            atoms.push(atom);
        }
    }

    fn value(&mut self, phrases: &[String], after_space: bool) -> Result<Atom, Flaw> {
        let start = self.at;
        if self.here() == Some('"') {
            let text = self.quoted()?;
            if self.at_operator() {
                return Err(Flaw::at(self.one(), "this stands right after a quote")
                    .help("put a space or `and` between terms"));
            }
            return Ok(Atom { text, quoted: true, after_space, place: start..self.at });
        }
        let mut at_part = true;
        while let Some(letter) = self.here() {
            if at_part && let Some(length) = self.phrase(phrases) {
                self.at += length;
                at_part = false;
                continue;
            }
            match letter {
                '"' => return Err(self.glued(start, "a quote")),
                '(' if self.at == start => {
                    return Err(Flaw::at(self.one(), "brackets group terms, not values")
                        .help("list values with commas, such as owner=ana,ben"));
                }
                '(' => return Err(self.glued(start, "a bracket")),
                ',' | ')' => break,
                _ if letter.is_whitespace() => break,
                _ => {}
            }
            self.bump();
            at_part = self.text[start..self.at].ends_with("..");
        }
        let text = self.text[start..self.at].to_owned();
        Ok(Atom { text, quoted: false, after_space, place: start..self.at })
    }

    /// The length of the longest phrase that stands here whole.
    fn phrase(&self, phrases: &[String]) -> Option<usize> {
        let ends = |length: &usize| {
            let rest = &self.rest()[*length..];
            let next = rest.chars().next().map(narrow);
            rest.starts_with("..")
                || next.is_none_or(|next| next.is_whitespace() || matches!(next, ',' | ')'))
        };
        phrases.iter().filter_map(|phrase| starts_with_words(self.rest(), phrase)).filter(ends).max()
    }
}
