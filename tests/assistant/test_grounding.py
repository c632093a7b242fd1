import pytest

from assistant.writing.grounding import fault

LIES = """It costs $40.
Yours for forty dollars.
Now only 39.99!
That's 1.3k, a steal.
It's half price today.
You save 20 percent.
You save twenty per cent.
It is 30% off.
Get 15 off at the checkout.
A price of three hundred yuan.
Just fifty bucks.
Around two hundred euros.
Less than a hundred dollars.
Rated four and a half stars.
It has 4.8 stars.
Over two thousand reviews.
Only three left.
Only 2 left in stock.
It is in stock.
Sold out soon.
It arrives in two days.
Delivery within 24 hours.
With a two-year warranty.
I promise you'll love it.
We guarantee a refund.
Free shipping included.
Use the coupon at the checkout.
It weighs 300 grams.
The 15 inch model.
It lasts ten hours.
Buy it at cheap-shop.com today.
Write to me@shop.org.
只要三百块。
现价299元。
五百多块就能买到。
打五折。
现在半价。
八折优惠。
便宜百分之二十。
省了一百。
两千左右。
一万二就能拿下。
评分四点八分,五颗星。
只剩两件。
库存三百。
三天就到。
两年质保。
全场包邮。
我保证你满意。
送优惠券。
现货供应。
只要￥９９。
１２０美元。
一千出头。
续航十小时。
九成新。
二十刀。
三百二十块钱。
降了五十。
满减红包。""".splitlines()

HONEST = """I'd start with this one.
One of them stands out for wet days.
Here are a few that fit what you asked for.
It keeps your feet dry and comes in several sizes.
If you walk mostly on forest paths, the lighter one is the better choice.
Both are good for long days, and the second is easier on the wallet.
My top 3 picks are below.
Would you like to see something similar?
A lovely choice for the office.
It folds flat, so it fits in most bags.
Buyers like how light it feels.
I can also look for another color.
Hope that helps you decide!
It's a great gift for somebody who cooks.
No need to break it in.
我会先看这一款。
这几款都很适合下雨天穿。
如果经常走山路,第一款更合适。
十分轻便,背一整天也不累。
这一款和前面那款各有优点。
想看看类似的吗?
送给长辈很体面。
颜色素净,百搭。
一起看看别的?
喜欢简洁一点的话,可以选它。
我再帮你找找。
夏天穿很凉爽。
折叠起来很小,放包里正好。
成分温和。
三款都值得看看。""".splitlines()


@pytest.mark.parametrize("sentence", LIES)
def test_a_typed_amount_commitment_or_link_is_a_fault(sentence):
    assert fault(sentence) is not None


@pytest.mark.parametrize("sentence", HONEST)
def test_ordinary_prose_passes(sentence):
    assert fault(sentence) is None
