//! Choices that are stored and sent as a word.

/// Declares an enum whose values are stored as words: with `ALL`, `as_str`, `Display`, `FromStr` (`kernel.bad_choice`), and as
/// a column value. `worded! { /// doc\n pub enum Colour { /// doc\n Red = "red" } }`.
#[macro_export]
macro_rules! worded {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// All values, in the order in which lists show them.
            $vis const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stored word.
            $vis const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::kernel::Error;

            fn from_str(text: &str) -> ::kernel::Result<Self> {
                match text {
                    $($word => Ok($name::$variant),)+
                    _ => Err(::kernel::Error::new(&::kernel::BAD_CHOICE)),
                }
            }
        }

        impl ::store::FromValue for $name {
            fn from_value(value: &::store::Value) -> Option<Self> {
                match value {
                    ::store::Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }

        impl From<$name> for ::store::Value {
            fn from(value: $name) -> Self {
                ::store::Value::from(value.as_str())
            }
        }

        impl ::web::api::Described for $name {
            fn schema(_: &mut ::web::api::Schemas) -> ::web::api::Value {
                ::web::api::words(&[$($word),+])
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(|_| ::serde::de::Error::custom("not one of the words"))
            }
        }
    };
}
