//! Codes of administrative divisions.

use std::{fmt, str::FromStr};

use crate::{Error, error::BAD_REGION};

/// The 12-digit statistical code of a division (GB/T 2260 for the first six digits, GB/T 10114 and the statistical
/// bureau's numbering for the rest): 2 province, 2 prefecture, 2 county, 3 township, 3 village.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(String);

/// Depth of a division. A municipality has no prefecture level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionLevel {
    /// 省、直辖市
    Province = 1,
    /// 地级市
    Prefecture = 2,
    /// 区、县
    County = 3,
    /// 街道、镇、乡
    Township = 4,
    /// 社区、村
    Village = 5,
}

impl RegionCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The level that the trailing zeros tell.
    pub fn level(&self) -> RegionLevel {
        match &self.0 {
            c if !c.ends_with("000") => RegionLevel::Village,
            c if &c[6..9] != "000" => RegionLevel::Township,
            c if &c[4..6] != "00" => RegionLevel::County,
            c if &c[2..4] != "00" => RegionLevel::Prefecture,
            _ => RegionLevel::Province,
        }
    }

    /// The digits that all divisions inside this one share.
    pub fn prefix(&self) -> &str {
        match self.level() {
            RegionLevel::Province => &self.0[..2],
            RegionLevel::Prefecture => &self.0[..4],
            RegionLevel::County => &self.0[..6],
            RegionLevel::Township => &self.0[..9],
            RegionLevel::Village => &self.0,
        }
    }

    /// Whether `other` is this division or lies inside it.
    pub fn contains(&self, other: &RegionCode) -> bool {
        other.0.starts_with(self.prefix())
    }

    /// The code of the enclosing county (区县), if this is a county or below.
    pub fn county(&self) -> Option<RegionCode> {
        (self.level() >= RegionLevel::County).then(|| Self(format!("{}000000", &self.0[..6])))
    }

    /// The code of the enclosing township (街道、镇、乡), if this is a township or below.
    pub fn township(&self) -> Option<RegionCode> {
        (self.level() >= RegionLevel::Township).then(|| Self(format!("{}000", &self.0[..9])))
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RegionCode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with("00") {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(&BAD_REGION).arg("value", text))
        }
    }
}

impl TryFrom<String> for RegionCode {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_containment_follow_the_digits() {
        let [city, district, street, village]: [RegionCode; 4] =
            ["500000000000", "500106000000", "500106013000", "500106013002"].map(|c| c.parse().unwrap());
        assert_eq!(city.level(), RegionLevel::Province);
        assert_eq!(district.level(), RegionLevel::County);
        assert_eq!(street.level(), RegionLevel::Township);
        assert_eq!(village.level(), RegionLevel::Village);
        assert!(city.contains(&village) && district.contains(&street) && !street.contains(&district));
        assert_eq!(village.county().unwrap(), district);
        assert_eq!(village.township().unwrap(), street);
        assert!("50010600000".parse::<RegionCode>().is_err());
    }
}
