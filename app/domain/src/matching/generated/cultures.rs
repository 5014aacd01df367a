//! Names to compose people from: common given names, family names put together from a beginning and an ending.
//! Nobody is meant. Each form is written "native/Latin/another Latin", as passports and people write it and not as
//! `fold` would, or the measurement would only measure itself.

use super::random::Random;

/// Lists are parted by spaces.
pub(super) struct Culture {
    given: &'static str,
    beginnings: &'static str,
    endings: &'static str,
    /// Second given names in a thousand people.
    second: usize,
    /// Of a thousand people, how many come from here.
    share: usize,
}

/// One name in its forms: native first, then Latin spellings. One form for names in plain Latin letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forms(pub Vec<String>);

impl Forms {
    fn parse(text: &str) -> Self {
        Self(text.split('/').map(str::to_owned).collect())
    }

    pub(super) fn native(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// Every beginning with the ending of its place; a form that is not given is like the one before it.
    fn joined(&self, ending: &Self) -> Self {
        let form = |forms: &Self, i: usize| forms.0.get(i.min(forms.0.len() - 1)).cloned().unwrap_or_default();
        Self((0..self.0.len().max(ending.0.len())).map(|i| form(self, i) + &form(ending, i)).collect())
    }
}

impl Culture {
    pub(super) fn any(random: &mut Random) -> &'static Self {
        let mut at = random.below(CULTURES.iter().map(|culture| culture.share).sum());
        for culture in &CULTURES {
            match at.checked_sub(culture.share) {
                Some(rest) => at = rest,
                None => return culture,
            }
        }
        &CULTURES[0]
    }

    /// Frequent names are frequent: the first third of a list is drawn half of the time.
    pub(super) fn given(&self, random: &mut Random) -> Forms {
        let names: Vec<&str> = self.given.split_whitespace().collect();
        let among = if random.chance(500) { names.len() / 3 } else { names.len() };
        Forms::parse(names[random.below(among)])
    }

    /// A second given name for some.
    pub(super) fn second(&self, random: &mut Random) -> Option<Forms> {
        random.chance(self.second).then(|| self.given(random))
    }

    pub(super) fn family(&self, random: &mut Random) -> Forms {
        let mut draw = |list: &str| {
            let list: Vec<&str> = list.split_whitespace().collect();
            Forms::parse(list[random.below(list.len())])
        };
        let (beginning, ending) = (draw(self.beginnings), draw(self.endings));
        if self.endings == "-" { beginning } else { beginning.joined(&ending) }
    }
}

/// Names that parents give to twins because they are alike.
const ALIKE: [(&str, &str); 16] = [
    ("Anna", "Hanna"),
    ("Jan", "Jana"),
    ("Maria", "Marie"),
    ("Christian", "Christina"),
    ("Mila", "Mia"),
    ("Lea", "Lena"),
    ("Tim", "Tom"),
    ("Emma", "Gemma"),
    ("Thúy", "Thủy"),
    ("محمد/Mohammed/Muhammad", "أحمد/Ahmed/Ahmad"),
    ("حسن/Hassan/Hasan", "حسين/Husayn/Hussein"),
    ("小雨/Xiaoyu", "晓月/Xiaoyue"),
    ("婧怡/Jingyi", "颖怡/Yingyi"),
    ("민지/Min-ji/Minji", "지민/Ji-min/Jimin"),
    ("Елена/Elena/Yelena", "Алёна/Alyona/Alena"),
    ("アイコ/Aiko", "アキコ/Akiko"),
];

impl Forms {
    /// A name like this one: from the list, or with an "a" more or less at the end, as Daniel and Daniela.
    pub(super) fn alike(&self) -> Option<Self> {
        let listed = ALIKE.iter().map(|&(a, b)| (Self::parse(a), Self::parse(b))).find_map(|(a, b)| {
            if a.native() == self.native() { Some(b) } else { (b.native() == self.native()).then_some(a) }
        });
        let name = self.native();
        let latin = name.len() > 2 && name.chars().all(|c| c.is_ascii_alphabetic());
        let ending = || name.strip_suffix('a').map_or_else(|| format!("{name}a"), str::to_owned);
        listed.or_else(|| latin.then(|| Self(vec![ending()])))
    }
}

const CULTURES: [Culture; 14] = [
    // German
    Culture {
        given: "Anna Jürgen Sabine Thomas Günther Katharina Stefan Ursula Michael Jörg Bärbel Hanna Jana Jan Lukas Käthe \
                Björn Friederike Matthias Renate Sönke Heike Uwe Silke Marie Maria Christian Christina Tim Tom Elisabeth Lea Lena Mila Mia",
        beginnings: "Brun Hol Lind Wald Müh Grün Köst Schön Stein Ecker Frei Löw Kalt Rosen Wester Über",
        endings: "mann berg er bach ing hauer feld stein mayer",
        second: 150,
        share: 300,
    },
    // English and Irish
    Culture {
        given: "James Mary William Margaret Thomas Elizabeth John Sarah Robert Susan Richard Alice Daniel Niamh Aoife \
                Seán Emma Jack Chloë George Zoë Harry Philip Catherine Sinéad Anthony Joan Andrew",
        beginnings: "Black O’Con Mc Hart Wood Ash White Fitz Green Har Pen O’Bran Thorn Whit",
        endings: "nor ley ton worth ford well gan by field",
        second: 350,
        share: 200,
    },
    // Polish
    Culture {
        given: "Małgorzata Łukasz Agnieszka Paweł Katarzyna Michał Zofia Stanisław Żaneta Jan Anna Grażyna Józef Wojciech \
                Elżbieta Mirosław Ewa Krystyna",
        beginnings: "Kowal Wiśn Łucz Zaw Święt Dąbr Górn Nowak Brzez Jabłoń",
        endings: "ski czyk ak owicz ewski iński",
        second: 100,
        share: 70,
    },
    // Turkish
    Culture {
        given: "Mehmet Ayşe Mustafa Fatma Gül Çağla Öznur İbrahim Zeynep Yiğit Şule Hüseyin Emine Ömer Tuğçe Ali Elif",
        beginnings: "Yıl Öz Çel Kara Ak Demir Şah Gün Taş",
        endings: "maz türk ik dağ oğlu han er can",
        second: 120,
        share: 70,
    },
    // Spanish
    Culture {
        given: "José María Lucía Ángel Sofía Andrés Inés Martín Belén Ramón Núria Javier Álvaro Begoña Íñigo Carmen Juan",
        beginnings: "Gar Fernán Mar Gonzál Ló Ruí Núñ Gutiérr Benít",
        endings: "cía dez ez ero ales án",
        second: 400,
        share: 60,
    },
    // Vietnamese: many share few family names
    Culture {
        given: "An Hương Thúy Thủy Minh Đức Thảo Hạnh Tuấn Ngọc Phượng Quân Trâm Khánh Yến Dũng",
        beginnings: "Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi",
        endings: "-",
        second: 800,
        share: 40,
    },
    // Russian
    Culture {
        given: "Алексей/Aleksei/Alexey/Aleksej Елена/Elena/Yelena Юлия/Yulia/Julia Дмитрий/Dmitry/Dmitriy/Dmitrij \
                Сергей/Sergei/Sergey/Sergej Наталья/Natalia/Natalya Фёдор/Fedor/Fyodor Ольга/Olga Пётр/Petr/Pyotr \
                Татьяна/Tatiana/Tatyana Андрей/Andrei/Andrey Мария/Maria/Mariya Евгений/Evgeny/Yevgeny Анна/Anna \
                Михаил/Mikhail Ксения/Ksenia/Xenia",
        beginnings: "Иван/Ivan Кузнец/Kuznets Щерб/Shcherb Чайк/Chaik/Tschaik Жук/Zhuk/Schuk Волк/Volk/Wolk Орл/Orl \
                     Цвет/Tsvet/Zwet Ковал/Koval/Kowal Соловь/Solov",
        endings: "ов/ov/ow ин/in ский/sky/skiy/ski ев/ev/ew енко/enko",
        second: 0,
        share: 60,
    },
    // Arabic
    Culture {
        given: "محمد/Mohammed/Muhammad/Mohamed أحمد/Ahmed/Ahmad علي/Ali فاطمة/Fatima/Fatma عائشة/Aisha/Aysha \
                يوسف/Yusuf/Youssef خالد/Khaled/Khalid مريم/Maryam/Mariam حسن/Hassan/Hasan زينب/Zainab/Zeinab \
                عمر/Omar/Umar إبراهيم/Ibrahim ليلى/Layla/Leila مصطفى/Mustafa/Moustafa نور/Nour/Noor",
        beginnings: "الحسن/Alhassan/Al-Hassan المصر/Almasr/El-Masr حدا/Hadda نجا/Najja الخط/Alkhat/El-Khat عبا/Abba",
        endings: "ي/i/y د/d ر/r يب/ib/eeb",
        second: 250,
        share: 50,
    },
    // Chinese
    Culture {
        given: "小梅/Xiaomei 小雨/Xiaoyu 伟/Wei 建国/Jianguo/Jian-Guo 丽/Li 明/Ming 晓月/Xiaoyue 芳/Fang 志强/Zhiqiang \
                婧怡/Jingyi 颖怡/Yingyi 海燕/Haiyan 文杰/Wenjie 玉兰/Yulan 春花/Chunhua",
        beginnings: "王/Wang 李/Li 张/Zhang 刘/Liu 陈/Chen 杨/Yang 黄/Huang 赵/Zhao 吴/Wu 周/Zhou 徐/Xu 孙/Sun",
        endings: "-",
        second: 0,
        share: 40,
    },
    // Greek
    Culture {
        given: "Γεώργιος/Georgios/Giorgos Μαρία/Maria Δημήτρης/Dimitris/Demetris Ελένη/Eleni Νικόλαος/Nikolaos \
                Αικατερίνη/Aikaterini/Ekaterini Ιωάννης/Ioannis/Yiannis Σοφία/Sofia/Sophia Χρήστος/Christos Άννα/Anna",
        beginnings: "Παπαδ/Papad Νικολ/Nikol Γεωργ/Georg Κωνσταντιν/Konstantin/Constantin Μακρ/Makr Αλεξ/Alex",
        endings: "όπουλος/opoulos ίδης/idis/ides άκης/akis ίου/iou",
        second: 0,
        share: 30,
    },
    // Korean
    Culture {
        given: "민수/Min-su/Minsoo 지현/Ji-hyun/Jihyeon 영희/Young-hee/Yeonghui 민지/Min-ji/Minji 서준/Seo-jun/Seojoon \
                수진/Su-jin/Soojin 현우/Hyun-woo/Hyeonu 은정/Eun-jung/Eunjeong",
        beginnings: "김/Kim 이/Lee/Yi 박/Park/Bak 최/Choi 정/Jung/Jeong 강/Kang 조/Cho 한/Han",
        endings: "-",
        second: 0,
        share: 20,
    },
    // Japanese, as in kana fields
    Culture {
        given: "ハルカ/Haruka サクラ/Sakura ケンジ/Kenji ヨウコ/Yoko/Youko ユウキ/Yuki/Yuuki ヒロシ/Hiroshi アイコ/Aiko タロウ/Taro",
        beginnings: "たか/Taka なか/Naka いし/Ishi やま/Yama おお/O/Oh さ/Sa",
        endings: "はし/hashi むら/mura かわ/kawa だ/da とう/to/toh",
        second: 0,
        share: 15,
    },
    // Hindi
    Culture {
        given: "अनिल/Anil प्रिया/Priya राम/Ram सुनीता/Sunita/Suneeta विजय/Vijay/Wijay दीपा/Deepa/Dipa राहुल/Rahul कविता/Kavita",
        beginnings: "शर्/Shar वर्/Var गुप्/Gup पटे/Pate मिश्/Mish",
        endings: "मा/ma ता/ta ल/l रा/ra",
        second: 0,
        share: 20,
    },
    // Hebrew
    Culture {
        given: "משה/Moshe דוד/David שרה/Sarah/Sara יוסף/Yosef/Josef רחל/Rachel/Rahel אברהם/Avraham/Abraham מרים/Miriam",
        beginnings: "כה/Co/Ko לו/Le מזר/Mizra בירנ/Biren פרידמ/Friedma",
        endings: "ן/n/hen י/vi/wi חי/hi/chi",
        second: 50,
        share: 25,
    },
];
