//! One spelling for every character, so that a query and a text meet.

use std::{collections::HashMap, sync::OnceLock};

/// Traditional and simplified character in pairs: the ones likely in names of courses, arts and places. Characters
/// with more than one simplified reading (乾, 著, 發 as hair) are left out or mapped to the reading used here.
const TRADITIONAL: &str = "書书畫画學学習习課课語语樂乐藝艺術术國国圖图館馆樓楼區区縣县鄉乡鎮镇莊庄門门間间開开關关電电腦脑\
網网機机車车師师讀读寫写說说話话講讲詩诗詞词識识認认證证評评論论議议訓训練练設设計计記记許许訪访請请調调護护養养醫医藥药\
療疗體体隊队動动運运員员團团戲戏劇剧歷历曆历傳传統统華华漢汉語语詠咏經经濟济營营業业農农園园藍蓝綠绿紅红繪绘紙纸織织繡绣\
結结縫缝剪剪編编練练級级組组終终終终線线絲丝綜综長长東东馬马鳥鸟魚鱼龍龙鳳凤雲云風风飛飞陽阳陰阴陳陈險险隨随難难離离雜杂\
靜静題题類类顯显預预頭头顏颜願愿養养飲饮飯饭餐餐館馆廣广場场塊块壩坝報报塵尘壽寿處处備备復复愛爱態态慶庆憶忆應应懷怀戰战\
據据擇择擔担擊击擴扩攝摄攝摄數数斷断斷断時时晝昼暫暂會会東东極极橋桥檢检權权歡欢歲岁歸归殘残氣气決决沒没淺浅測测溫温準准\
滅灭滿满漁渔潔洁濕湿灣湾無无爐炉爭争爾尔獎奖獲获現现環环產产畢毕當当疊叠癥症盤盘監监盡尽眾众確确碼码禮礼禪禅種种稱称穩稳\
窮穷競竞筆笔節节範范築筑簡简籃篮糧粮紀纪約约純纯紹绍絕绝給给絡络維维綱纲緊紧緣缘縱纵總总績绩罰罚羅罗義义聖圣聞闻聯联聰聪\
聲声職职聽听肅肃脈脉腳脚臉脸臨临舉举舊旧艦舰莖茎萬万葉叶蒼苍蓋盖蓮莲蔣蒋薦荐蘇苏蘭兰處处虛虚蟲虫補补裝装製制複复見见規规\
視视親亲覺觉覽览觀观觸触訂订託托評评詢询試试該该詳详誌志誠诚誤误課课談谈諮咨謝谢譜谱譯译讓让貓猫財财貨货販贩貧贫購购費费\
賀贺資资賓宾賞赏賣卖質质賬账賽赛贈赠趙赵躍跃軍军軟软軸轴較较載载輔辅輕轻輛辆輪轮輸输轉转農农邊边達达選选遊游過过道道遠远\
適适遲迟遺遗郵邮鄰邻釋释針针鈴铃銀银銅铜銷销鋼钢錄录錢钱錦锦鍛锻鍵键鐘钟鐵铁鑒鉴閃闪閉闭閱阅陶陶陸陆際际隱隐電电韓韩響响\
頁页項项順顺須须頓顿領领頻频額额顧顾驗验驚惊骨骨鬥斗鮮鲜麗丽麥麦黃黄點点黨党齊齐齒齿齡龄\
庫库優优億亿價价傷伤僅仅儀仪兒儿內内兩两冊册劃划創创劑剂勝胜勞劳勢势勵励協协單单卻却參参嗎吗嘗尝嚴严圍围執执堅坚壓压奮奋\
婦妇媽妈孫孙寧宁寬宽實实審审將将專专尋寻導导屆届層层島岛幣币幫帮幾几廳厅張张強强彈弹彎弯後后徑径從从恆恒戶户拋抛掃扫揚扬\
換换揮挥搶抢撥拨撫抚攤摊敵敌標标樹树樣样樸朴橫横檔档櫃柜歐欧殺杀淚泪淨净湯汤潤润澤泽灑洒煉炼煙烟熱热燈灯燒烧牆墙牽牵狀状\
獨独獅狮獻献瑪玛瓊琼異异畝亩瘋疯發发盜盗碩硕磚砖積积窩窝筍笋納纳紛纷紡纺細细紳绅緒绪緩缓縮缩纏缠罵骂罷罢膚肤膠胶與与興兴\
艙舱蕩荡號号蝦虾螞蚂衛卫衝冲襪袜諾诺讚赞豐丰貝贝責责貴贵買买賴赖趕赶蹤踪轟轰辦办辭辞這这連连進进違违遞递邏逻釣钓鈔钞鉛铅\
鋪铺鍋锅鎖锁鏡镜陣阵雙双雞鸡霧雾靈灵韻韵飾饰餅饼餃饺駕驾騎骑騙骗髮发魯鲁鴨鸭鹽盐麵面齋斋";

fn simplified() -> &'static HashMap<char, char> {
    static TABLE: OnceLock<HashMap<char, char>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let chars: Vec<char> = TRADITIONAL.chars().collect();
        chars.chunks_exact(2).filter(|pair| pair[0] != pair[1]).map(|pair| (pair[0], pair[1])).collect()
    })
}

/// Folds one character into one character: full width to half width, upper case to lower case, traditional to
/// simplified, every kind of blank to a blank. Because it is one to one, a place in the folded text is the same place
/// in the original one.
pub(crate) fn fold_char(c: char) -> char {
    let narrow = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ if c.is_whitespace() || c.is_control() => ' ',
        _ => c,
    };
    if narrow.is_ascii() {
        return narrow.to_ascii_lowercase();
    }
    if is_han(narrow) {
        return simplified().get(&narrow).copied().unwrap_or(narrow);
    }
    let mut lower = narrow.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => narrow,
    }
}

/// Folds a text character by character.
pub(crate) fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

/// Folded and without blanks: the form in which names are compared.
pub(crate) fn fold_name(text: &str) -> String {
    text.chars().map(fold_char).filter(|c| *c != ' ').collect()
}

/// Whether the character is a Chinese one.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// What may stand together in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Chinese characters.
    Han,
    /// Digits.
    Digit,
    /// Letters of any other script.
    Letter,
    /// Blanks, punctuation, signs.
    Gap,
}

fn class(c: char) -> Class {
    if is_han(c) {
        Class::Han
    } else if c.is_numeric() {
        Class::Digit
    } else if c.is_alphabetic() {
        Class::Letter
    } else {
        Class::Gap
    }
}

/// Characters of one class that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch<'a> {
    pub(crate) class: Class,
    pub(crate) text: &'a str,
    /// Characters before it.
    pub(crate) at: usize,
    /// Bytes before it.
    pub(crate) byte: usize,
}

/// Cuts a text into stretches without leaving anything out.
pub(crate) fn stretches(text: &str) -> Vec<Stretch<'_>> {
    let mut found: Vec<Stretch<'_>> = Vec::new();
    for (at, (byte, c)) in text.char_indices().enumerate() {
        let class = class(c);
        match found.last_mut() {
            Some(last) if last.class == class => last.text = &text[last.byte..byte + c.len_utf8()],
            _ => found.push(Stretch { class, text: &text[byte..byte + c.len_utf8()], at, byte }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_script_fold_one_to_one() {
        assert_eq!(fold("ＰＹＴＨＯＮ３　書法ÀB"), "python3 书法àb");
        for text in ["ＡＢＣ　書畫", "İstanbul ß", "𠮷野家 2026", "\u{feff}x\ty"] {
            assert_eq!(fold(text).chars().count(), text.chars().count());
        }
    }

    #[test]
    fn pairs_of_the_table_are_chinese_and_fold_once() {
        assert_eq!(TRADITIONAL.chars().count() % 2, 0);
        for (from, to) in simplified() {
            assert!(is_han(*from) && is_han(*to), "{from}{to}");
            assert!(!simplified().contains_key(to), "{from}→{to} would fold twice");
        }
    }

    #[test]
    fn stretches_keep_places() {
        let text = "学excel2019, 书法";
        let found = stretches(text).into_iter().filter(|stretch| stretch.class != Class::Gap);
        let found: Vec<_> = found.map(|stretch| (stretch.class, stretch.text, stretch.at)).collect();
        assert_eq!(
            found,
            [
                (Class::Han, "学", 0),
                (Class::Letter, "excel", 1),
                (Class::Digit, "2019", 6),
                (Class::Han, "书法", 12)
            ]
        );
        let whole: String =
            stretches(text).iter().map(|stretch| &text[stretch.byte..][..stretch.text.len()]).collect();
        assert_eq!(whole, text);
        assert!(stretches("").is_empty());
    }
}
