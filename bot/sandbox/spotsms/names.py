"""Names for the catalogue: what such providers list, and names that break careless software."""

_FAMILIAR = """
1688, 2GIS, 3Fun, 5miles, 99app, Abbott, Adani, Adidas, ADNOC, Airbnb, Airtel, AIS, Alibaba,
AliExpress, Alipay, Amazon, Amazon Prime, Any other, Aol, Apple, Apple Pay, Arena Plus, Astropay,
Auchan, Authy, Avito, Azure, Badoo, Baidu, Balad, BAT, BeReal, Betano, BetFury, BIGO LIVE,
Bilibili, Binance, Bitget, BlaBlaCar, Blizzard, Bolt, Boo, Booking.com, Bumble, Burger King,
ByBit, Bykea, Café Bazar, Careem, Carousell, CashApp, CDEK, Chispa, Claude, Clubhouse, Coca-Cola,
Coinbase, CoinMarketCap, Craigslist, Credit Karma, Crypto.com, Damejidlo, Dealshare, Deliveroo,
Delivery Club, Dhani, DiDi, Digikala, Dingtalk, Discord, Disney Hotstar, DoorDash, Douyin,
Dream11, Dukascopy, Dundle, EasyPay, eBay, Ebikegewinnen, Enterprise, eToro, Etsy, Eventbrite,
EyeCon, Facebook, Faceit, Fastmail, Feeld, Fiqsy, Fiverr, Flip, Flipkart, FoodPanda, Foody,
ForwardMail, Fruitz, Fugle, Gaintplay, Galaxy Chat, Gate.io, Getir, GetResponse, Gett, Giftcloud,
Glovo, GMX, GoFundMe, Gojek, Google, Google Voice, GoPay, Gorillas, Grab, Grailed, Grindr,
GroupMe, Groupon, Happn, Haraj, Headspace, Hepsiburada, Hily, Hinge, Hopi, HQ Trivia, Huya,
iCloud, ICQ, IFood, Ikea, Immowelt, imo, InboxLv, Indeed, IndiaMART, Inditex, InDriver, Infobip,
Instacart, Instagram, IQOS, Jawwy, JD.com, JKF, Joyride, Jumia, Justdating, Kakao Talk, KFC, Kick,
Klarna, Komandacard, Kotak811, Kuaishou, KuCoin, Kufar, Kwai, Ladymaxx, Lalamove, Lazada,
LeBonCoin, LetyShops, Lidl, Likee, LINE, LinkedIn, LiveScore, LocalBitcoins, Locanto, Lyft,
Magnit, Mail.ru, Mamba, Mapy.cz, Marktplaats, Mastercard, McDonald's, Medium, Meesho, Meetic,
MeetMe, MEGA, Mercado Libre, Metro, MEXC, Michat, Microsoft, Midea, Miravia, Mocospace, MoMo,
Monese, MoneyLion, Monobank, Mozilla, My11Circle, Mystery Box, Naver, Neftm, Netease, Netflix,
NextDoor, Nike, Nintendo, Noon, NTT Game, Nubank, Nutmeg, Odnoklassniki, OfferUp, Okcupid, OKX,
OLA, OLX, OnTaxi, OpenAI, OpenPhone, Ozon, Papara, Parimatch, Paxful, PayPal, Paysafe, PaySend,
Paytm, Perekrestok, PicPay, Pinduoduo, Pinterest, Playerauctions, PlayStation, Plenty of Fish,
Pockit, POF, Poshmark, Potato Chat, Privet Mir, Prom.ua, Proton Mail, Q12 Trivia, Qiwi Wallet, QQ,
Quora, Rambler, Rappi, Razer, Reddit, Rediffmail, Revolut, Roblox, Rover, Royal Canin, Ryde,
Samokat, Samsung, Schwarzkopf, Seznam, Shein, Shopee, Shopify, Signal, Skout, Skrill, Skype,
Slack, Snapchat, Snapdeal, SoFi, Solitaire Cash, Sony, SoulApp, Spark Driver, Spotify, Starbucks,
Stash, Steam, Stripe, Subito, Swiggy, Switips, Swvl, Taksheel, Tango, Taobao, Taptap Send, Target,
Tatneft, Telegram, Temu, Tencent, Thisshop, Threads, TikTok, Tinder, Tokopedia, Topdatingsites,
Tosla, Transferwise, Trendyol, Truecaller, TrueMoney, Truth Social, Turo, Twilio, Twitch, Twitter,
Uber, Ubisoft, Ukrnet, ULTA, Uplay, Upwork, Urent, Venmo, Verse, VFS Global, Viber, Vinted, VK,
Vodafone, Voi, Wallapop, Walmart, Weibo, Weku, WhatsApp, WhatsApp Business, Whoosh, Wildberries,
Wing Money, Wink, Wise, Wolt, World App, X World, Yahoo, Yalla, Yandex, Yelp, YouDo, YouStar,
Yubo, Zalando, Zalo, Zara, Zelle, Zepto, Zilch, Zillow, Zoho, Zomato, Zoom
"""

AWKWARD = (
    "Fish <b>&amp; Chips</b> & Co",
    "\"Quoted\" 'Service' \\ Backslash",
    "Time: the 24:00 colon app",
    "🍕 Pizza 🇮🇹 Pronto 👩‍👩‍👧",
    "تطبيق المراسلة",
    "שלום Shalom צ'אט",
    "微信支付 WeChat Pay",
    "Šťastné Čočky & žluťoučký kůň",
    "ßtraße GmbH",
    "*bold* _under_ `tick` [link](tg://user?id=1)",
    "100% {name} %s $HOME",
    "Robert'); DROP TABLE services;--",
    "  Two  spaces  ",
    "The Extraordinarily Long-Winded Association of Verbose Messaging Users",
)


def familiar_names() -> list[str]:
    """Gives some hundreds of everyday service names, in alphabetical order, none twice."""
    return [" ".join(name.split()) for name in _FAMILIAR.split(",")]
