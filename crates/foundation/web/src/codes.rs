//! Failures of the web itself.

kernel::codes! {
    /// The request cannot be understood.
    pub BAD_REQUEST = Invalid "web.bad_request";
    /// The password-less sign-in is half done: the second factor is still to be shown.
    pub SECOND_FACTOR = Unauthenticated "web.second_factor";
    /// What is asked for wants the second factor to be shown again, because the last time is too long ago.
    pub CONFIRM_AGAIN = Denied "web.confirm_again";
    /// A helper wants what only the person herself may do.
    pub HERSELF = Denied "web.herself";
    /// A helper who may look wants to change something.
    pub ONLY_LOOKS = Denied "web.only_looks";
    /// A form was sent from another site, or by a browser that does not say from where.
    pub CROSS_ORIGIN = Denied "web.cross_origin";
    /// The form's token is missing or belongs to another visit.
    pub FORM_EXPIRED = Denied "web.form_expired";
    /// The page knows no such method.
    pub METHOD = Invalid "web.method";
    /// The body is longer than the route accepts.
    pub TOO_LARGE = Invalid "web.too_large";
    /// The body has a type that the route does not accept.
    pub UNSUPPORTED = Invalid "web.unsupported";
    /// A text holds control characters, or marks that turn the order of letters round.
    pub BAD_CHARACTERS = Invalid "web.bad_characters";
    /// A text is shorter than the field needs.
    pub TOO_SHORT = Invalid "web.too_short";
    /// Something was done too often; `seconds` says how long to wait.
    pub TOO_MANY = Limited "web.too_many";
    /// The answer took too long; what was asked may still happen.
    pub TIMEOUT = Unavailable "web.timeout";
    /// More requests wait than the program takes in.
    pub BUSY = Unavailable "web.busy";
}
