//! A sequence diagram as data: participants, arrows and notes in the order of time. Each format draws the same.

/// A sequence diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SequenceDiagram {
    /// What it shows, in a line.
    pub(super) title: String,
    /// What happened, in sentences.
    pub(super) story: String,
    pub(super) participants: Vec<Participant>,
    pub(super) rows: Vec<DiagramRow>,
}

/// Who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Participant {
    pub(super) name: String,
    /// What it is, such as `open`.
    pub(super) role: &'static str,
}

/// A row of the diagram, and when it happens after the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DiagramRow {
    pub(super) time: String,
    pub(super) what: RowContent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RowContent {
    /// Something goes from one participant to another.
    Arrow { from: usize, to: usize, style: ArrowStyle, text: String },
    /// A remark at a participant.
    Note { over: usize, text: String },
    /// From here on it happens in the background, between these.
    BackgroundBegins { between: (usize, usize), text: String },
    /// The background ends.
    BackgroundEnds,
}

/// What an arrow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArrowStyle {
    /// A request, call or push for whose answer its sender waits.
    Question,
    /// An answer.
    Answer,
    /// A push in the background, and the answer to it.
    Push,
    Acknowledgement,
    /// What gets lost on the way.
    Lost,
}
