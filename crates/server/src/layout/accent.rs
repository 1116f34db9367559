//! The operator's colour, made safe: whatever it is, text on it and shapes in it stay legible.

use std::fmt;

/// A colour in sRGB that buttons and the app's tile are filled with. Never a text's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accent {
    red: u8,
    green: u8,
    blue: u8,
}

/// The least relative luminance a fill has on the dark page, so that its shape is seen
/// (3 : 1 against `--card`, WCAG 2.2 §1.4.11).
const DARK_PAGE_LUMINANCE: f64 = 0.15;
/// The greatest on the light page, for the same reason.
const LIGHT_PAGE_LUMINANCE: f64 = 0.29;

impl Default for Accent {
    /// A deep green, the colour of old card index boxes.
    fn default() -> Self {
        Self { red: 0x1d, green: 0x5c, blue: 0x4b }
    }
}

impl Accent {
    /// Takes a colour written `#rrggbb`; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self { red, green, blue })
    }

    /// The style rules that set the colour tokens for the light and the dark page.
    pub(super) fn rules(self) -> String {
        let (light, dark) = (self.for_light_page(), self.for_dark_page());
        format!(
            ":root{{--accent:{light};--on-accent:{}}}\n@media (prefers-color-scheme:dark){{:root{{--accent:{dark};--on-accent:{}}}}}\n",
            light.ink(),
            dark.ink()
        )
    }

    const BLACK: Self = Self { red: 0, green: 0, blue: 0 };
    const WHITE: Self = Self { red: 255, green: 255, blue: 255 };

    /// Black or white, whichever is easier to read on this colour: at least 4.5 : 1 on any.
    fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    fn for_light_page(self) -> Self {
        self.toward(Self::BLACK, |fill| fill.luminance() <= LIGHT_PAGE_LUMINANCE)
    }

    /// Brighter in its own hue first; paler only where that is not enough.
    fn for_dark_page(self) -> Self {
        let seen = |fill: Self| fill.luminance() >= DARK_PAGE_LUMINANCE;
        self.toward(self.brightest(), seen).toward(Self::WHITE, seen)
    }

    /// The brightest colour of the same hue and saturation.
    fn brightest(self) -> Self {
        let greatest = u16::from(self.red.max(self.green).max(self.blue));
        let scale = |channel: u8| {
            (u16::from(channel) * 255)
                .checked_div(greatest)
                .and_then(|scaled| u8::try_from(scaled).ok())
                .unwrap_or(u8::MAX)
        };
        Self { red: scale(self.red), green: scale(self.green), blue: scale(self.blue) }
    }

    /// The colour nearest to this on the way to `end` that is `good_enough`.
    fn toward(self, end: Self, good_enough: impl Fn(Self) -> bool) -> Self {
        let mix = |from: u8, to: u8, step: u16| {
            let mixed = (u16::from(from) * (20 - step) + u16::from(to) * step) / 20;
            u8::try_from(mixed).unwrap_or(to)
        };
        (0..=20)
            .map(|step| Self {
                red: mix(self.red, end.red, step),
                green: mix(self.green, end.green, step),
                blue: mix(self.blue, end.blue, step),
            })
            .find(|candidate| good_enough(*candidate))
            .unwrap_or(end)
    }

    /// WCAG 2.2, "contrast ratio".
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(two) / one.min(two)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_colour_is_written_with_six_digits_and_nothing_else() {
        assert_eq!(Accent::parse("#1D5c4b"), Some(Accent::default()));
        for text in ["", "#fff", "1d5c4b", "#1d5c4b;", "#+d5c4b", "#1d5c4é", "red"] {
            assert_eq!(Accent::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn text_on_any_accent_is_legible_on_both_pages() {
        for red in (0..=255).step_by(51) {
            for green in (0..=255).step_by(51) {
                for blue in (0..=255).step_by(51) {
                    let accent = Accent { red, green, blue };
                    for fill in [accent.for_light_page(), accent.for_dark_page()] {
                        assert!(fill.contrast(fill.ink()) >= 4.5, "{accent} {fill}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_fill_can_be_told_from_the_page_it_lies_on() {
        let (light_page, dark_page) = ("#fffdf8", "#211f1c");
        for text in ["#ffffff", "#000000", "#ffff00", "#1d5c4b", "#00ff00", "#0000ff"] {
            let accent = Accent::parse(text).unwrap();
            let (light, dark) = (accent.for_light_page(), accent.for_dark_page());
            assert!(light.contrast(Accent::parse(light_page).unwrap()) >= 3.0, "{text} {light}");
            assert!(dark.contrast(Accent::parse(dark_page).unwrap()) >= 3.0, "{text} {dark}");
        }
    }
}
