//! As much of HTML as our own pages use: forms with their fields, links, text.

use super::world::escape;

/// A form as a person finds it: where it goes, and every field with what stands in it.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// A form that is on no page of ours.
    pub(crate) fn new(action: &str, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self { action: action.to_owned(), fields }
    }

    /// With `value` in the place of whatever the field held.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one field more, though there may be one of that name.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the field.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self
    }

    /// What stands in the field.
    pub(crate) fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    /// The body that a browser makes of it.
    pub(crate) fn encoded(&self) -> String {
        let pair = |(name, value): &(String, String)| format!("{}={}", escape(name), escape(value));
        self.fields.iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

/// One tag, with the text that follows it up to the next one.
struct Tag<'a> {
    name: &'a str,
    inside: &'a str,
    text: &'a str,
}

impl Tag<'_> {
    fn attribute(&self, name: &str) -> Option<String> {
        let start = self.inside.find(&format!(" {name}=\""))? + name.len() + 3;
        let value = &self.inside[start..];
        Some(unescape(&value[..value.find('"')?]))
    }

    fn has(&self, name: &str) -> bool {
        self.inside.split_whitespace().any(|word| word == name)
    }
}

/// The tags in their order. Our pages hold no comments, and no `>` in an attribute.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    html.split('<').skip(1).filter_map(|part| {
        let (inside, text) = part.split_once('>')?;
        let name = inside.split_whitespace().next()?;
        Some(Tag { name, inside, text })
    })
}

/// The first form whose action, without its query, is `action`.
pub(super) fn form(html: &str, action: &str) -> Option<Form> {
    let mut found: Option<Form> = None;
    let mut select = None;
    for tag in tags(html) {
        match (&mut found, tag.name) {
            (Some(_), "/form") => return found,
            (Some(form), "input" | "textarea") => {
                let Some(name) = tag.attribute("name") else { continue };
                let kind = tag.attribute("type").unwrap_or_default();
                let is_choice = matches!(kind.as_str(), "checkbox" | "radio");
                if is_choice && !tag.has("checked") {
                    continue;
                }
                let value = match tag.name {
                    "textarea" => unescape(tag.text),
                    _ => tag.attribute("value").unwrap_or_default(),
                };
                form.fields.push((name, value));
            }
            (Some(_), "select") => select = tag.attribute("name"),
            (Some(form), "option") if tag.has("selected") => {
                let value = tag.attribute("value").unwrap_or_default();
                form.fields.extend(select.clone().map(|name| (name, value)));
            }
            (None, "form") => {
                let target = tag.attribute("action").unwrap_or_default();
                if target.split('?').next() == Some(action) {
                    found = Some(Form { action: target, fields: Vec::new() });
                }
            }
            _ => {}
        }
    }
    None
}

/// Where the link with this label leads.
pub(super) fn link(html: &str, label: &str) -> Option<String> {
    let mut links = tags(html).filter(|tag| tag.name == "a");
    links.find(|tag| unescape(tag.text.trim()) == label).and_then(|tag| tag.attribute("href"))
}

/// The pieces of text within `<main>`, without the white space around them.
pub(super) fn main_text(html: &str) -> Vec<String> {
    let main = html.split_once("<main").map_or("", |(_, rest)| rest);
    let main = main.split("</main>").next().unwrap_or_default();
    // The rest of the opening tag becomes a tag again.
    let main = format!("<main{main}");
    let texts = tags(&main).map(|tag| unescape(tag.text.trim())).collect::<Vec<_>>();
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// The page's one first heading.
pub(super) fn h1(html: &str) -> String {
    let mut parts = html.split("<h1");
    let heading = parts.nth(1).expect("a first heading");
    assert!(parts.next().is_none(), "two first headings: {html}");
    let inner = format!("<h1{}", heading.split("</h1>").next().unwrap_or_default());
    unescape(&tags(&inner).map(|tag| tag.text).collect::<String>())
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split('&');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (entity, rest) = part.split_once(';').expect("an entity ends");
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => {
                let code = entity.strip_prefix('#').and_then(|code| code.parse().ok());
                code.and_then(char::from_u32).unwrap_or_else(|| panic!("&{entity};"))
            }
        });
        plain.push_str(rest);
    }
    plain
}
