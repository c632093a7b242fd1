"""The canonical vocabulary of the demo shop and what its files must hold, as typed data.

In: nothing. Out: departments, categories and attributes with their Chinese names. Knows no file and no product.
"""

import re
from dataclasses import dataclass

N_PER_CATEGORY = 10
N_REVIEWS_SHIPPED = 3
N_QUESTIONS = 40
LANGUAGES = ("en", "zh")
FIRST_YEAR, LAST_YEAR = 2025, 2026
LETTER_SIZES = ("xs", "s", "m", "l", "xl", "xxl")
EU_SIZES = tuple(str(size) for size in range(35, 47))

SIZE_FORMS = {
    "letter": re.compile("|".join(LETTER_SIZES)),
    "eu": re.compile("|".join(EU_SIZES)),
    "litres": re.compile(r"[1-9]\d*(\.\d+)? l|0\.\d+ l"),
    "inches": re.compile(r"[1-9]\d*(\.\d)? inch"),
    "seats": re.compile(r"[1-9] seats"),
    "persons": re.compile(r"[1-9] persons"),
}
"""Kind of size -> how one is written."""

DEPARTMENTS = {
    "apparel": "服饰",
    "shoes": "鞋靴",
    "electronics": "电子产品",
    "home": "家居",
    "kitchen": "厨房",
    "outdoor": "户外",
    "beauty": "美妆",
    "food": "美食",
    "travel": "旅行",
}
"""Department -> its Chinese name."""


@dataclass(frozen=True, slots=True)
class Category:
    """One category. `size_kind` names a form in `SIZE_FORMS` (None: it has no sizes); `worn` ones say for whom."""

    name: str
    zh: str
    department: str
    size_kind: str | None = None
    worn: bool = False


CATEGORIES = {
    category.name: category
    for category in (
        Category("dresses", "连衣裙", "apparel", "letter", worn=True),
        Category("shirts", "衬衫", "apparel", "letter", worn=True),
        Category("jackets", "夹克", "apparel", "letter", worn=True),
        Category("running shoes", "跑步鞋", "shoes", "eu", worn=True),
        Category("hiking boots", "登山靴", "shoes", "eu", worn=True),
        Category("sandals", "凉鞋", "shoes", "eu", worn=True),
        Category("headphones", "耳机", "electronics"),
        Category("smartphones", "智能手机", "electronics", "inches"),
        Category("laptops", "笔记本电脑", "electronics", "inches"),
        Category("sofas", "沙发", "home", "seats"),
        Category("desk lamps", "台灯", "home"),
        Category("bedding", "床上用品", "home"),
        Category("kettles", "电热水壶", "kitchen", "litres"),
        Category("coffee makers", "咖啡机", "kitchen", "litres"),
        Category("cookware", "锅具", "kitchen", "litres"),
        Category("backpacks", "背包", "outdoor", "litres"),
        Category("tents", "帐篷", "outdoor", "persons"),
        Category("water bottles", "水杯", "outdoor", "litres"),
        Category("moisturisers", "面霜", "beauty"),
        Category("sunscreens", "防晒霜", "beauty"),
        Category("perfumes", "香水", "beauty", worn=True),
        Category("teas", "茶叶", "food"),
        Category("coffee beans", "咖啡豆", "food"),
        Category("snacks", "零食", "food"),
        Category("hotels", "酒店", "travel", "persons"),
        Category("city tours", "一日游", "travel"),
        Category("luggage", "行李箱", "travel", "litres"),
    )
}
"""Canonical name -> category."""

ATTRIBUTES = {
    "color": {
        "black": "黑色",
        "white": "白色",
        "grey": "灰色",
        "red": "红色",
        "blue": "蓝色",
        "green": "绿色",
        "yellow": "黄色",
        "orange": "橙色",
        "pink": "粉色",
        "purple": "紫色",
        "brown": "棕色",
        "beige": "米色",
        "silver": "银色",
        "gold": "金色",
    },
    "material": {
        "cotton": "棉",
        "linen": "亚麻",
        "wool": "羊毛",
        "silk": "丝绸",
        "leather": "皮革",
        "polyester": "涤纶",
        "denim": "牛仔布",
        "stainless steel": "不锈钢",
        "aluminium": "铝",
        "glass": "玻璃",
        "ceramic": "陶瓷",
        "plastic": "塑料",
        "wood": "木",
        "cast iron": "铸铁",
    },
    "audience": {"women": "女", "men": "男", "kids": "儿童", "unisex": "通用"},
    "season": {"spring": "春", "summer": "夏", "autumn": "秋", "winter": "冬"},
    "feature": {
        "waterproof": "防水",
        "breathable": "透气",
        "lightweight": "轻便",
        "windproof": "防风",
        "wireless": "无线",
        "noise cancelling": "降噪",
        "fast charging": "快充",
        "long battery life": "长续航",
        "foldable": "可折叠",
        "adjustable": "可调节",
        "dimmable": "可调光",
        "temperature control": "控温",
        "auto shut-off": "自动断电",
        "non-stick": "不粘",
        "dishwasher safe": "可机洗",
        "induction ready": "适用电磁炉",
        "insulated": "保温",
        "leak-proof": "防漏",
        "quick-dry": "速干",
        "wide fit": "宽楦",
        "arch support": "足弓支撑",
        "non-slip": "防滑",
        "organic": "有机",
        "vegan": "纯素",
        "sugar free": "无糖",
        "gluten free": "无麸质",
        "caffeine free": "无咖啡因",
        "single origin": "单一产地",
        "fragrance free": "无香",
        "sensitive skin": "敏感肌",
        "spf 50": "防晒指数50",
        "long-lasting": "持久",
        "breakfast included": "含早餐",
        "pet friendly": "可带宠物",
        "free cancellation": "免费取消",
        "pool": "泳池",
        "family friendly": "适合家庭",
        "small group": "小团",
        "hard shell": "硬壳",
        "carry-on": "登机箱",
        "laptop compartment": "电脑隔层",
        "machine washable": "可水洗",
    },
    "condition": {"new": "全新", "refurbished": "官方翻新", "used": "二手"},
}
"""Attribute -> its canonical values with their Chinese names. Sizes have forms instead: `SIZE_FORMS`."""

PRODUCT_FIELDS = frozenset(
    (
        "id",
        "title",
        "title_zh",
        "description",
        "description_zh",
        "brand",
        "category",
        "department",
        "price",
        "stock",
        "rating",
        "n_reviews",
        "image",
        "date_added",
    )
)
"""What every product states. `sale_price`, `variants`, sizes and the attributes come where they fit."""

POLICY_TOPICS = ("shipping", "returns", "payment", "warranty", "hours", "privacy")
"""Each has a passage in both languages."""

QUESTION_TOPICS = (*POLICY_TOPICS, "orders")

REQUIRED_CURRENCIES = ("CNY", "EUR", "GBP", "JPY", "HKD", "TWD")
SIZE_MEASURES = ("height_cm", "weight_kg", "chest_cm", "waist_cm")
