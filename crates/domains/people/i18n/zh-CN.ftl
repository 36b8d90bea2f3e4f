# 短信
people-sms-code = 【学城】验证码 { $code }，{ $minutes } 分钟内有效。请勿告诉他人，工作人员不会向您索要。

# 登录
people-sign-in = 登录或注册
people-sign-in-lead = 填写手机号，用短信验证码登录，不需要密码。第一次使用会顺便建立账户。
people-sign-in-by-phone = 用手机号登录
people-phone = 手机号
people-phone-hint = 11位中国大陆手机号
people-phone-none = 没有登记手机号
people-send-code = 发送验证码
people-no-phone = 没有手机？请到附近的学习中心，由工作人员帮您办理学习卡，也可以拨打服务电话。
people-code-title = 填写验证码
people-code-lead = 验证码已发送到 { $phone }，{ $minutes } 分钟内有效。
people-code = 验证码
people-code-hint = 短信里的6位数字
people-code-submit = 登录
people-code-again = 没收到，重新发送
people-code-sent-again = 新的验证码已发送，之前的验证码已失效。
people-other-phone = 换一个手机号
people-new-title = 建立账户
people-new-lead = 手机号 { $phone } 验证成功，这是您第一次使用。请告诉我们怎么称呼您。
people-name = 姓名
people-name-hint = 会印在您的结业证书上，最多40个字
people-read-notice = 阅读个人信息保护说明（在新窗口打开）
people-consent = 我已阅读并同意个人信息保护说明
people-new-submit = 同意并建立账户
people-welcome = 账户已建立，欢迎您！
people-signed-out = 您已退出登录。
people-link-title = 登录链接不能使用
people-link-still = 您现在仍以“{ $name }”的身份登录着。

# 我的账户
people-me = 我的账户
people-searches = 新课提醒
people-card = 学习卡
people-card-none = 还没有学习卡；不用手机也能签到，需要时可到学习中心办理
people-since = 注册日期
people-sessions = 登录的设备
people-sessions-lead = 发现不认识的设备，请让它退出。
people-sessions-none = 没有登录中的设备。
people-session-times = { $from } 登录，有效期至 { $until }
people-session-current = 当前设备
people-session-end = 退出这台设备
people-session-ended = 已让那台设备退出。
people-sessions-end-others = 退出其他所有设备
people-sessions-ended = 已让其他 { $n } 台设备退出。
people-device-unknown = 未知设备

# 两步验证
people-factor = 两步验证
people-factor-lead = 请打开手机上的验证器，填写现在显示的6位数字。
people-factor-code = 验证码
people-factor-code-hint = 验证器显示的6位数字；手机不在身边时，填写一个备用码
people-factor-submit = 验证
people-factor-lost = 手机丢了或换了？
people-factor-lost-text = 先用打印的备用码。备用码也没有了，请联系本市的安全保密管理员重置两步验证，重置后重新登录设置。
people-factor-locked-until = 验证码错误太多，已锁定到 { $until }。急用请联系本市的安全保密管理员解锁。
people-factor-set-up = 设置两步验证
people-factor-why = 您的职务要接触他人的信息或管理权限，登录时除了短信验证码，还要填写手机验证器里的数字。设置大约需要两分钟。
people-factor-step-1 = 第一步：准备验证器
people-factor-step-1-text = 在手机上安装一个支持“动态口令（TOTP）”的验证器，例如腾讯身份验证器小程序、微软或谷歌的 Authenticator。已有的可以直接用，不需要联网。
people-factor-step-2 = 第二步：扫描二维码
people-factor-step-2-text = 在验证器里添加账户，扫描下面的二维码。请不要拍照或截图，也不要发给别人。
people-factor-qr = 两步验证的二维码，供验证器扫描
people-factor-typed = 不能扫描时，手动输入密钥：
people-factor-step-3 = 第三步：填写第一个验证码
people-factor-first-hint = 验证器现在显示的6位数字，每30秒换一次
people-factor-confirm = 完成设置
people-factor-anew = 页面打开太久，请用新的二维码重新设置。
people-factor-on = 已开启
people-factor-off = 没有开启。开启后，登录时还要填写手机验证器里的数字，别人拿到您的短信也登录不了。
people-factor-left = 还剩{ $n }个备用码。
people-factor-renew = 换一张新的备用码
people-codes = 备用码
people-codes-lead = 手机不在身边时，用一个备用码代替验证码。每个只能用一次。
people-codes-once = 备用码只在这里显示一次。请现在打印或抄下来，和手机分开存放。
people-codes-of = 学城两步验证备用码，{ $date } 生成；之前的备用码已作废。
people-codes-done = 我已收好，继续
people-recovery-used = 备用码已使用，还剩{ $n }个。用完之前请到“我的账户”换一张新的。
people-sms-factor-on = 【学城】您的账户刚刚设置了两步验证。如果不是您本人操作，请立即联系本市的安全保密管理员。
people-sms-factor-reset = 【学城】您的两步验证已被安全保密管理员重置，下次登录请重新设置。如果您没有提出过，请立即联系所在机构。

# 个人信息保护说明
people-privacy = 个人信息保护说明
people-privacy-lead = 我们只收集办事所必需的信息，并说明为什么需要、谁能看到、保存多久。
people-privacy-what = 收集什么
people-privacy-what-text = 姓名和手机号；您报名、签到、获得学分和证书的记录；您订阅新课提醒时写下的查找条件；登录设备的名称和时间。为了防止滥用，短时间内还会按网络地址计数，保存的是地址的加密摘要，不是地址本身。不收集身份证号，不使用人脸识别。居住的区县和出生年份只在您愿意时填写。
people-privacy-why = 用来做什么
people-privacy-why-text = 手机号用来登录和通知您上课，您订阅了新课提醒，也用来告诉您有新课；姓名用来点名和印在证书上；学习记录用来计算学分和颁发证书，以及统计全市的学习人次和人数。统计数字不含姓名，人数很少的数字不对外公布。
people-privacy-where = 怎么保存
people-privacy-where-text = 姓名、手机号、学习卡号和订阅的查找条件用您个人专属的密钥加密保存，打开这些密钥的总钥与数据分开保管。工作人员的两步验证密钥也用专属密钥加密，备用码只保存加密摘要。账目和日志里只有随机编号，没有姓名和手机号。
people-privacy-browser = 您的浏览器里存什么
people-privacy-browser-text = 只存网站自己要用的几项 Cookie：登录凭证（退出即删），防止他人冒用表单的随机码（关闭浏览器即删），您选的语言和字号（一年）。您在“附近”里选了地点，浏览器会记住那个街道、镇或村（一年），点“不再记住”即删。您同意使用当前位置时，位置先精确到约 100 米，只写在那一页的网址里，用来算距离，我们不保存。没有广告和跟踪用的 Cookie。
people-privacy-who = 谁能看到
people-privacy-who-text = 您自己；您报名班级的教师，以及主办机构和上级机构中有权查看名单的工作人员。不会出售，也不会提供给广告商。您出示证书时，由您决定给谁看。谁在什么时候查看过含有您姓名的名单，会留下记录，由安全审计员查看。
people-privacy-long = 保存多久
people-privacy-long-text = 账户存在期间一直保存。验证码5分钟后失效，登录记录最长30天。取消新课提醒，查找条件随即删除。依照网络安全法，系统请求日志保存六个月，其中没有姓名、手机号和验证码。谁查看过名单的记录，和其他流水一样长期保存，里面只有随机编号。账户注销时销毁您的密钥，姓名、手机号和学习卡号从此无人能读。
people-privacy-rights = 您的权利
people-privacy-rights-text = 您可以随时查看自己的信息和学习记录，要求更正、导出或删除，也可以撤回同意。撤回同意不影响之前已经办理的事项。
people-privacy-contact = 联系我们
people-privacy-contact-text = 有疑问或要求，请拨打 { $phone }，或到就近的学习中心办理。
people-privacy-version = 版本 { $version }。依据《中华人民共和国个人信息保护法》第十三条、第十四条、第十七条。

# 错误
error-people-bad-phone = 手机号不正确，应为以13至19开头的11位数字，请核对。
error-people-bad-card = 学习卡号不正确，应为10位数字，请对照卡片重新填写。
error-people-bad-name = 姓名里有换行或看不见的特殊符号，请手动重新输入。
error-people-phone-taken = 这个手机号已有账户，请直接登录。
error-people-card-taken = 这张学习卡已经发给别人，请换一张。
error-people-separate-duties = 系统管理员、安全保密管理员、安全审计员由不同的人担任，也不兼任其他职务。此人已是{ $held ->
    [staff] 工作人员
    [head] 负责人
    [auditor] 安全审计员
    [system-administrator] 系统管理员
    [security-administrator] 安全保密管理员
   *[teacher] 教师
}，不能再担任{ $asked ->
    [staff] 工作人员
    [head] 负责人
    [auditor] 安全审计员
    [system-administrator] 系统管理员
    [security-administrator] 安全保密管理员
   *[teacher] 教师
}。请先收回原有职务，或另选一人。
error-people-own-role = 不能给自己授予或撤销职务，请由其他负责人办理。
error-people-link-spent = 这个登录链接已经用过或已过期。每个链接只能用一次，请用手机号登录，或联系管理员重新发一个。
error-people-code-wrong = 验证码不对，还可以试{ $left }次。
error-people-code-spent = 这个验证码已失效（过期、用过或试错太多），请点“重新发送”。
error-people-ticket-spent = 登录页面打开太久，已经失效。请从填写手机号重新开始。
error-people-consent-needed = 建立账户需要您同意个人信息保护说明。
error-people-bad-end = 结束日期要在今天之后。
error-people-factor-wrong = 验证码不对，还可以试{ $left }次。
error-people-factor-used = 这个验证码已经用过，请等验证器显示下一个（不超过30秒）。
error-people-factor-locked = 验证码错误太多，已锁定{ $minutes }分钟（到 { $until }）。急用请联系本市的安全保密管理员解锁。
error-people-factor-known = 两步验证已经设置过了。手机丢了请用备用码，或联系安全保密管理员重置。
error-people-factor-missing = 没有两步验证，或者已经失效。请重新登录后设置；还是不行，请联系安全保密管理员重置。
error-people-factor-mismatch = 验证码与二维码不符。请核对手机时间是否准确，再填写验证器现在显示的6位数字。
error-people-own-factor = 不能解锁或重置自己的两步验证，请由另一位安全保密管理员办理。

# 学习卡登录
people-by-card = 用学习卡和密码登录
people-card-title = 用学习卡登录
people-card-lead = 没有手机也能登录：输入学习卡上的10位卡号和办卡时给您的6位密码。
people-card-number = 学习卡卡号
people-card-hint = 10位数字，印在卡上
people-pin = 密码
people-pin-hint = 6位数字，印在办卡时的小票上
people-card-go = 登录
people-card-by-phone = 改用手机号登录
people-card-forgot = 卡丢了或者忘了密码，请到附近的学习中心柜台补办。
people-sms-card = 您的学习卡或密码刚刚在学习中心柜台补办。如果不是您本人办理，请马上联系学习中心。
error-people-card-or-pin-wrong = 卡号或密码不对。连续错{ $tries }次，这张卡会锁住一会儿，可以到柜台解锁。
error-people-staff-by-phone = 工作人员请用手机号登录；需要帮助请找安全保密管理员。
error-people-slip-gone = 小票只能在办理后半小时内，由办理的人打印。需要的话请重新发一个密码。

# 代办
people-helpers = 谁可以替我办理
people-helpers-lead = 您可以请家人、朋友或志愿者替您查看和报名。他们办的每一件事都会记在这里，您随时可以收回。
people-helpers-none = 现在没有人可以替您办理。
people-help-relation = 关系
people-help-relation-family = 家人或朋友
people-help-relation-volunteer = 志愿者
people-help-relation-guardian = 监护人
people-help-relation-counter = 柜台工作人员
people-help-may = 可以做什么
people-help-may-look = 只能查看：课程、学习记录、学分和证书
people-help-may-act = 查看，也可以替我报名和退课
people-help-since = { $date }起
people-help-until = 到{ $time }为止
people-help-last = 最近一次{ $time }
people-help-end = 收回
people-help-ended = 已收回，对方马上不能再替您办理。
people-help-new = 请一个人来帮忙
people-help-new-lead = 先生成一个数字，告诉您信任的人，对方用自己的账户输入后就可以替您办理。数字{ $hours }小时内有效，只能用一次。
people-help-full = 已经有{ $max }个人可以替您办理，先收回一个才能再请。
people-help-make = 生成授权数字
people-help-code = 授权数字
people-help-code-lead = 把这8位数字告诉您信任的人，或者请对方扫一扫。{ $hours }小时内有效，只能用一次。
people-help-code-where = 对方打开 { $address } ，登录自己的账户后输入。
people-help-code-once = 这组数字只显示这一次；需要时可以再生成一个，旧的马上作废。
people-help-code-back = 返回
people-help-code-hint = 8位数字，对方在“谁可以替我办理”里生成
people-deeds = 别人替我办的事
people-deeds-none = 还没有人替您办过事。
people-deeds-older = 更早的
people-deed-enrolled = 替您报名了一门课
people-deed-cancelled = 替您退了一门课
people-deed-other = 替您办了一件事
people-erased = 已注销的用户
people-helping = 我可以替谁办理
people-helping-lead = 点“替他（她）办理”以后，页面上看到的就是对方的课程和记录，每页都有提示。{ $minutes }分钟后自动结束。
people-helping-none = 您现在不替任何人办理。
people-help-begin = 替他（她）办理
people-help-give-up = 不再替他（她）办理
people-help-given-up = 您不能再替对方办理了。
people-help-stopped = 已结束代办，现在是您自己的页面。
people-help-by-code = 用授权数字
people-help-by-code-lead = 请对方登录后在“谁可以替我办理”里生成8位数字，告诉您。
people-help-take = 开始可以替对方办理
people-help-agreed = 好了，您可以替对方办理了。
people-help-by-card = 用对方的学习卡
people-help-by-card-lead = 对方在您身边、没有手机时，请对方同意后，用对方的学习卡和密码。
people-child = 给孩子开户
people-child-lead = 未满18岁的孩子由监护人开户，您可以替孩子报名、查看记录，到孩子成年那一年的年底为止。学习卡请到学习中心柜台领取。
people-child-name = 孩子的姓名
people-child-birth = 孩子的出生年份
people-child-birth-hint = 四位数字，{ $year }年或以后
people-child-consent = 我是这个孩子的监护人，已阅读个人信息保护说明，同意为孩子开户
people-child-go = 给孩子开户
people-child-done = 孩子的账户开好了，可以替孩子报名了。
people-sms-helper = { $name }现在可以替您在学城办理学习事务。如果您没有同意，请登录后在“谁可以替我办理”里收回，或者联系学习中心。
people-sms-counter = 学习中心工作人员{ $name }正在柜台替您办理，30分钟内有效。如果不是您本人在柜台，请马上联系学习中心。
error-people-help-code-wrong = 这个授权数字不对、用过了或者过期了。请对方重新生成一个。
error-people-own-helper = 不需要替自己办理，请用自己的页面。
error-people-too-many-helpers = 一个人最多可以有{ $max }个帮忙的人，请先收回一个。
error-people-too-many-helped = 一个人最多可以替{ $max }个人办理，请先放弃一个。
error-people-guardian-stays = 监护人不能由孩子自己收回，需要时请到学习中心办理。
error-people-too-many-children = 一个人最多可以给{ $max }个孩子开户。
error-people-guardian-consent = 给孩子开户需要监护人同意个人信息保护说明。

# 我的信息
people-data = 我的信息
people-birth-year = 出生年份
people-correct = 更正我的信息
people-correct-lead = 发现登记错了，可以在这里改正。
people-correct-name-hint = 和身份证上一样；开户{ $days }天内可以自己改
people-correct-name-late = 开户已超过{ $days }天。证书和名册都用这个姓名，要改请带身份证件和学习卡到任一学习中心柜台办理。
people-correct-birth-hint = 四位数字，可以不填
people-correct-go = 保存
people-corrected = 已改正。
people-leave = 注销账户
people-leave-soon = 您已申请注销，账户将在{ $time }之后抹除。
people-leave-waits = 您在{ $from }申请了注销，账户将在{ $time }之后抹除。在这之前您可以反悔。
people-leave-withdraw = 撤回注销申请
people-leave-withdrawn = 已撤回，账户照常使用。
people-leave-ordered = 已收到注销申请，账户将在{ $time }之后抹除。在这之前登录都可以撤回。
people-leave-goes = 会被抹除的
people-leave-goes-name = 您的姓名、手机号、出生年份和学习卡，在所有数据中永久不可读取。
people-leave-goes-door = 所有登录、授权数字和程序令牌，您不能再登录这个账户。
people-leave-goes-wishes = 新课提醒和您授权的代办。
people-leave-goes-certificates = 证书上的姓名。别人再查验时，只能看到证书，看不到是谁的。
people-leave-stays = 会留下的，以及为什么
people-leave-stays-records = 没有姓名的学习记录、学分分录和证书编号：它们计入全市数据，账目必须对得上，但谁也看不出是谁的。
people-leave-stays-log = 公开记录簿里的一条“账户已抹除”，证明我们照办了。
people-leave-stays-backups = 以前的备份保留到期限为止，到期删除；恢复时配上较新的密钥，您的姓名也不会回来。
people-leave-archive = 先下载一份我的信息
people-leave-days = 提交以后有{ $days }天可以反悔，之后自动抹除，不能恢复。
people-leave-understood = 我已了解哪些会被抹除，抹除以后不能恢复
people-leave-go = 申请注销
people-sms-leaving = 您申请注销学城账户，{ $days }天后抹除。如果不是您本人申请，或想反悔，请登录后在“我的账户”撤回。
people-sms-corrected = 学习中心柜台刚刚更正了您的学城登记信息。如果不是您本人办理，请马上联系学习中心。
error-people-leave-understood = 请勾选，表示您了解抹除以后不能恢复。
error-people-leaves-with-role = 您现在还担任工作角色，请先由负责人收回角色，再申请注销。
error-people-leaves-already = 您已经申请过注销了。
error-people-name-at-counter = 开户已超过{ $days }天，改姓名请带身份证件到学习中心柜台办理。

people-phone-change = 更换
people-phone-add = 登记手机号
people-phone-change-title = 更换手机号
people-phone-change-lead = 现在用 { $phone } 登录。填写新号码，我们会给新、旧两个号码各发一个验证码。
people-phone-add-lead = 登记手机号以后，可以用短信验证码登录，也能收到开课提醒。学习卡照常可用。
people-phone-new = 新手机号
people-phone-lost-title = 旧号码已经停用，或者收不到短信？
people-phone-lost = 请带身份证件到任一学习中心柜台办理，不用验证旧号码。
people-phone-codes-title = 填写两个验证码
people-phone-codes-lead = 验证码已分别发送到两个号码，{ $minutes } 分钟内有效。
people-phone-code-new = 新号码的验证码
people-phone-code-old = 旧号码的验证码
people-phone-code-at = 发送到 { $phone } 的6位数字
people-phone-take = 把这个号码从那个账户转到我的账户
people-phone-take-hint = 这个号码登记在另一个账户上。如果是您刚从运营商办的号码，可以勾选转过来；那个账户的记录都还在，但不能再用这个号码登录。如果那也是您的账户，请先到柜台咨询。
people-phone-go = 更换手机号
people-phone-again = 没收到，重新填写
people-phone-others-end = 更换以后，其他设备上的登录会全部退出。
people-phone-changed = 已更换，以后请用 { $phone } 登录。
people-sms-new-phone = 【学城】验证码 { $code }，用于把这个号码登记为学城账户的登录手机。不是您本人操作请忽略，请勿告诉他人。
people-sms-old-phone = 【学城】有人申请把您学城账户的登录手机改为 { $phone }，确认码 { $code }。不是您本人操作请勿告诉任何人，您的账户不会改变。
people-sms-phone-moved = 您学城账户的登录手机刚刚改为 { $phone }，本号码不能再登录。如果不是您本人办理，请马上联系学习中心。
people-sms-phone-dropped = 您学城账户的登录手机刚刚在柜台取消，本号码不能再登录。如果不是您本人办理，请马上联系学习中心。
people-sms-phone-yours = 本号码刚刚在学习中心柜台登记为您学城账户的登录手机。
error-people-same-phone = 这就是账户里现在的手机号，不用更换。
error-people-name-mismatch = 与账户登记的姓名不一致。请核对证件和账户；登记错了的，先办理“更正姓名”。
error-people-card-first = 本人还没有学习卡，取消手机号以后就无法登录。请先给本人办一张学习卡。
error-people-phone-held = 这个手机号已经登记在另一个账户上。
error-people-phone-of-staff = 这个手机号属于一位工作人员的账户，不能转移。请联系安全保密管理员。
error-people-invitation-gone = 这份邀请已经答复、收回或过期了。
error-people-invitation-void = 这份邀请已经失效：邀请人不再有权授予这个职务，或者任期已过。请联系该机构重新邀请。
error-people-too-many-invitations = 还没有答复的邀请太多，最多{ $max }份。请先收回一些，或者等对方答复。
error-people-reminded-already = 刚刚提醒过，或者已经提醒够了：{ $hours }小时内只发一次，最多{ $max }次。
people-invited-note = 有机构邀请您任职。
people-invited-see = 查看邀请
