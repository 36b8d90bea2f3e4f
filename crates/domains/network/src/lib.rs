#![doc = include_str!("../README.md")]

pub mod access;
mod change_org;
mod close_org;
pub mod facts;
mod filters;
mod found_org;
mod holidays;
mod import_orgs;
mod import_regions;
mod keep_place;
mod model;
mod opening;
mod opening_words;
mod org_list;
mod read;
mod reorganise;
mod standing;
mod succession;
pub mod testing;
mod tree_check;
mod web;
mod words;

pub use change_org::{RenameOrg, rename_org};
pub use close_org::{ALREADY_CLOSED, HAS_CHILDREN, close_org};
pub use filters::{PlaceChoices, place_choices};
pub use found_org::{BAD_PLACE, FoundOrg, NO_PARENT, NO_REGION, PARENT_CLOSED, check_texts, found_org};
pub use holidays::{
    HOLIDAY_YEAR, HolidayYear, SetHolidays, holiday_years, holidays_between, read_holidays, set_holidays,
};
pub use import_orgs::{
    IMPORT_BYTES_MAX, IMPORT_COLUMNS, IMPORT_COLUMNS_MAX, IMPORT_DEPTH_MAX, IMPORT_FAULTS_MAX, IMPORT_HOURS,
    IMPORT_ROWS_MAX, IMPORT_UNPACKED_MAX, IMPORTS_KEPT, Import, ImportChange, ImportDone, ImportFault,
    ImportFounding, ImportId, ImportMark, ImportPlan, ImportTable, ImportWords, apply_import, column_key,
    import, import_headings, keep_import, orgs_table, plan_import, read_import, sweep_imports,
};
pub use import_regions::{
    BAD_FILE, BAD_PARENT, BAD_POPULATION, ImportedRegions, Population, RegionRow, TWICE, import_regions,
    read_regions, records, with_places, with_populations,
};
pub use keep_place::{KeepPlace, keep_place};
pub use model::{ORG, ORG_CHANGE, OrgKind, Organisation, REGION, REGION_CHANGE, REORGANISATION, Region};
pub use opening::{
    AHEAD_DAYS, BAD_OPENING, DayKind, Holidays, NOTE_MAX, OnHolidays, OpenState, Opening, SPANS_MAX,
    SPECIALS_MAX, Span, Special, clock, read_spans, spans_text,
};
pub use opening_words::{OpenNow, open_now};
pub use org_list::{LEVELS, ORGS, count_orgs, org_lines, within};
pub use read::{
    OrgFilter, OrgPlace, ancestors, children, code_bounds, contains, counts_by_child, counts_by_county,
    counts_by_kind, counts_by_kind_below, descendant_ids, find_children, find_orgs_in_region, org,
    org_of_region, orgs_by_ids, orgs_in_region, paged, places_in_region, places_within, region,
    region_children, region_children_page, region_path, regions_by_codes, search_orgs, top_org, top_region,
    venues_in_region,
};

pub use reorganise::{
    Carried, Change, Fault, Founding, LINES_BYTES_MAX, LINES_MAX, Line, NOT_POSSIBLE, Plan, Prepare,
    Prepared, Reorganisation, ReorganisationId, ReorganisationMark, Status, Step, apply_due, confirm,
    discard, is_due, plan_of, prepare, read_lines, reorganisation, reorganisations, undo, was_reorganised,
};
pub use standing::{OrgChange, Standing, org_history};
pub use succession::{all_followers, followers, forerunners, served_before, valid_region};

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("network"; 1 "0001_network", 2 "0002_org_position", 3 "0003_org_counts", 4 "0004_org_by_kind", 5 "0005_org_by_county", 6 "0006_opening", 7 "0007_reorganisation", 8 "0008_org_import");

/// The domain's operations for programs. The pages of places stand in the portal, because they tell of every domain.
pub fn routes() -> ::web::Routes {
    web::routes()
}

/// What follows the journal for this domain: nothing.
pub fn consumers() -> Vec<std::sync::Arc<dyn journal::Consumer>> {
    Vec::new()
}

::web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
