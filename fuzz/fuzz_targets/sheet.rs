#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| xuecheng_fuzz::entries::run("sheet", data));
