//! Failures of the store itself.

kernel::codes! {
    /// The database cannot be reached, or the queue before it is full; the request did not happen.
    pub UNAVAILABLE = Unavailable "store.unavailable";
    /// The connection broke while committing: the change may or may not have happened. A repeat with the same
    /// command key tells which.
    pub UNKNOWN_OUTCOME = Unavailable "store.unknown_outcome";
    /// The disk is full, or cannot be written.
    pub NO_SPACE = Unavailable "store.no_space";
    /// A unique key exists already.
    pub DUPLICATE = Conflict "store.duplicate";
}
