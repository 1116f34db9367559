//! The JSON that is written is serde_json's, text for text.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use hallpass_guard::json::write;
use serde::Serialize;
use serde_json::{Value, json};

fn written(value: &(impl Serialize + ?Sized)) -> String {
    let mut bytes = Vec::new();
    write(value, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Wrapped(u8);

#[derive(Serialize)]
struct Pair(i64, &'static str);

#[derive(Serialize)]
enum Variant {
    Unit,
    Wrapped(Option<bool>),
    Pair(u128, char),
    Object { a: f64, b: () },
}

#[derive(Serialize)]
struct All {
    #[serde(rename = "a \"name\"")]
    named: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<u8>,
    empty: [u8; 0],
    nested: Option<Box<All>>,
    numbers: (i8, u64, f32, i128),
    unit: Unit,
    wrapped: Wrapped,
    pair: Pair,
    variants: Vec<Variant>,
    map: BTreeMap<&'static str, Value>,
}

fn all(nested: Option<Box<All>>) -> All {
    All {
        named: "é \u{1} \n \"",
        absent: None,
        empty: [],
        nested,
        numbers: (-1, u64::MAX, 1.5, i128::MIN),
        unit: Unit,
        wrapped: Wrapped(7),
        pair: Pair(i64::MIN, ""),
        variants: vec![
            Variant::Unit,
            Variant::Wrapped(Some(true)),
            Variant::Pair(1, '"'),
            Variant::Object { a: 0.1, b: () },
        ],
        map: BTreeMap::from([("a", json!({"b": [null, "\\", 1]})), ("c", json!({}))]),
    }
}

#[test]
fn it_is_what_serde_json_writes() {
    let value = all(Some(Box::new(all(None))));
    assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
}

#[test]
fn every_letter_is_escaped_as_serde_json_does_wherever_it_stands() {
    let letters = (0..=0x17f).filter_map(char::from_u32);
    for letter in letters.chain(['\u{2028}', '\u{ffff}', '\u{10ffff}']) {
        for (before, after) in [(0, 0), (3, 0), (0, 7), (7, 1), (8, 0), (11, 13), (16, 8)] {
            let text = format!("{}{letter}{}", "a".repeat(before), "b".repeat(after));
            assert_eq!(written(&text), serde_json::to_string(&text).unwrap(), "{text:?}");
        }
    }
}

#[test]
fn the_key_of_a_map_is_a_text() {
    let map = BTreeMap::from([(1, 2)]);
    assert!(write(&map, &mut Vec::new()).is_err());
}
