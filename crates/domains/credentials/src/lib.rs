//! Certificates and credentials.

pub mod jwt;
pub mod openbadge;
