//! What the made-up deals are called, and what people write about them.

use super::dice::Dice;

/// Who owns deals, where the process names no teams.
pub(super) const OWNERS: [&str; 6] = ["anna", "ben", "chloé", "david", "美玲", "sofia"];

/// Where deals come from, the commonest first.
pub(super) const SOURCES: [&str; 6] =
    ["website", "referral", "outbound", "event", "partner", "existing customer"];

/// Why deals end, where the process does not say: for lost deals the first ones, for disqualified the last.
pub(super) const REASONS: [&str; 6] =
    ["price", "competitor", "timing", "no decision", "no authority", "no budget"];

/// Labels that some deals carry.
pub(super) const TAGS: [&str; 6] = ["renewal", "expansion", "key account", "tender", "pilot", "multi-site"];

/// What comes next.
pub(super) const NEXT_STEPS: [&str; 10] = [
    "Send the quote",
    "Call about the budget",
    "Arrange a demo with operations",
    "Follow up on the proposal",
    "Get the buying committee's dates",
    "Agree the scope of a pilot",
    "Send two references",
    "Review the contract with legal",
    "確認交期與付款條件",
    "Meet the plant manager",
];

/// What people write after a call, a mail or a meeting, or as a note.
pub(super) const TEXTS: [&str; 18] = [
    "Spoke to purchasing, budget is being drawn up",
    "Left a message, will try again on Thursday",
    "Good talk with the plant manager, wants two references",
    "Sent the price list, the data sheet and a summary",
    "They compare us with two others, price is not the main point",
    "Asked for a demo in the second half of the month",
    "Demo went well, open question: integration with their ERP",
    "No answer yet, reminder sent",
    "Walked through the offer, line by line",
    "New contact in operations, old one has left",
    "The board meets next month, decision after that",
    "Legal wants changes to the liability clause, sent ours",
    "與採購經理通話，預算下季確定",
    "Visited the site, about 40 workplaces, two shifts",
    "Wants a smaller first phase, then roll-out",
    "Asked who signs: finance up to 50k, above that the director",
    "Reference call done, they were happy",
    "Sent minutes, next steps and dates",
];

/// Why a deal went back, skipped a stage, or was opened again.
pub(super) const WHY: [&str; 6] = [
    "New decision maker, needs to be convinced again",
    "Scope changed, new figures needed",
    "Known customer, no need to ask twice",
    "Budget released after all, they came back",
    "Competitor could not deliver, they called us",
    "They know what they want, straight on",
];

const OFFERS: [&str; 24] = [
    "warehouse sensors",
    "fleet renewal",
    "annual maintenance",
    "barcode scanners",
    "cold-chain monitoring",
    "spare parts contract",
    "packaging line, phase 2",
    "conveyor retrofit",
    "access control",
    "energy audit",
    "inventory system",
    "operator training",
    "label printers",
    "forklift telematics",
    "quality cameras",
    "service contract, three years",
    "pilot, one site",
    "dock scheduling",
    "replacement pumps",
    "air filtration",
    "handheld terminals",
    "pick-by-light",
    "ERP connector",
    "emergency lighting",
];
const OFFERS_ZH: [&str; 10] = [
    "倉儲感測器",
    "備品合約",
    "年度保養",
    "產線改造",
    "條碼系統",
    "冷鏈監控",
    "車隊汰換",
    "門禁系統",
    "空壓機更新",
    "教育訓練",
];

const HEADS: [&str; 30] = [
    "Alder",
    "Ashgrove",
    "Bexhill",
    "Birchway",
    "Calder",
    "Copperfield",
    "Dunmore",
    "Eastmark",
    "Fernhill",
    "Granby",
    "Harrow",
    "Hollin",
    "Ivel",
    "Kestrel",
    "Larkfield",
    "Marlow",
    "Netherby",
    "Oakhurst",
    "Penrose",
    "Quayside",
    "Redmoor",
    "Selby",
    "Stannard",
    "Tarrant",
    "Underhill",
    "Vesper",
    "Westbrook",
    "Wexford",
    "Yarrow",
    "Zephyr",
];
const TRADES: [&str; 14] = [
    "Foods",
    "Logistics",
    "Plastics",
    "Instruments",
    "Textiles",
    "Engineering",
    "Packaging",
    "Dairies",
    "Optics",
    "Marine",
    "Chemicals",
    "Furniture",
    "Cold Stores",
    "Components",
];
const FORMS: [&str; 5] = [" Ltd", ", Inc.", " Group", ", LLC", " & Sons"];
const HEADS_DE: [&str; 12] = [
    "Böhmer",
    "Dörfler",
    "Grünwald",
    "Hübner",
    "Jäger",
    "Köstner",
    "Löffler",
    "Rößner",
    "Schäffler",
    "Täuber",
    "Wörner",
    "Zöllner",
];
const TRADES_DE: [&str; 6] =
    ["Maschinenbau", "Werkzeuge", "Spedition", "Metallbau", "Kunststofftechnik", "Molkerei"];
const HEADS_FR: [&str; 8] =
    ["Lefèvre", "Béranger", "Château-Noir", "Gérardin", "Île-Verte", "Mézières", "Périer", "Valréas"];
const TRADES_FR: [&str; 5] = ["Frères", "Emballages", "Transports", "Énergie", "Céramique"];
const HEADS_ZH: [&str; 20] = [
    "宏遠",
    "大安",
    "群昇",
    "永豐源",
    "立德",
    "聯創",
    "新竹",
    "南港",
    "瑞光",
    "佳和",
    "東昇",
    "建興",
    "華美",
    "百達",
    "恆春",
    "金門",
    "台揚",
    "日月",
    "松山",
    "鼎新",
];
const TRADES_ZH: [&str; 7] = ["精密", "物流", "食品", "電子", "機械", "化工", "生技"];

const FIRST: [&str; 14] = [
    "Maria", "Jonas", "Claire", "Tomás", "Ingrid", "Pavel", "Aisha", "Søren", "Nadia", "Oliver", "Éva",
    "Marek", "Renée", "Hugo",
];
const LAST: [&str; 14] = [
    "Lindqvist",
    "Okafor",
    "Brandt",
    "Novák",
    "Fontaine",
    "Marsh",
    "Iversen",
    "Castellano",
    "Whitmore",
    "Dvořák",
    "Keller",
    "Ahmadi",
    "Sørensen",
    "Pryce",
];
const NAMES_ZH: [&str; 10] =
    ["林志明", "王淑芬", "張家豪", "李雅婷", "黃建宏", "吳佩珊", "劉俊傑", "蔡怡伶", "楊承翰", "許文琪"];

/// A company.
pub(super) struct Account {
    /// The name in full.
    pub(super) name: String,
    /// What people call it.
    short: String,
    chinese: bool,
}

impl Account {
    /// The company that these dice stand for.
    pub(super) fn of(dice: &mut Dice) -> Account {
        let (short, form, chinese) = match dice.below(20) {
            0..=4 => (format!("{}{}", dice.pick(&HEADS_ZH), dice.pick(&TRADES_ZH)), "股份有限公司", true),
            5..=7 => (format!("{} {}", dice.pick(&HEADS_DE), dice.pick(&TRADES_DE)), " GmbH", false),
            8..=9 => (format!("{} {}", dice.pick(&HEADS_FR), dice.pick(&TRADES_FR)), " SA", false),
            _ => (format!("{} {}", dice.pick(&HEADS), dice.pick(&TRADES)), dice.pick(&FORMS), false),
        };
        Account { name: format!("{short}{form}"), short, chinese }
    }

    /// A person there.
    pub(super) fn contact(&self, dice: &mut Dice) -> String {
        if self.chinese {
            return dice.pick(&NAMES_ZH).to_owned();
        }
        format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST))
    }

    /// What a deal with it is called.
    pub(super) fn deal(&self, dice: &mut Dice) -> String {
        if self.chinese {
            return format!("{}{}", self.short, dice.pick(&OFFERS_ZH));
        }
        format!("{} – {}", self.short, dice.pick(&OFFERS))
    }
}
