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

# 个人信息保护说明
people-privacy = 个人信息保护说明
people-privacy-lead = 我们只收集办事所必需的信息，并说明为什么需要、谁能看到、保存多久。
people-privacy-what = 收集什么
people-privacy-what-text = 姓名和手机号；您报名、签到、获得学分和证书的记录；登录设备的名称和时间。不收集身份证号，不使用人脸识别。居住的区县和出生年份只在您愿意时填写。
people-privacy-why = 用来做什么
people-privacy-why-text = 手机号用来登录和通知您上课；姓名用来点名和印在证书上；学习记录用来计算学分和颁发证书，以及统计全市的学习人次和人数。统计数字不含姓名，人数很少的数字不对外公布。
people-privacy-where = 怎么保存
people-privacy-where-text = 姓名、手机号和学习卡号用您个人专属的密钥加密保存，打开这些密钥的总钥与数据分开保管。账目和日志里只有随机编号，没有姓名和手机号。
people-privacy-who = 谁能看到
people-privacy-who-text = 您自己；您报名班级的教师，以及主办机构和上级机构中有权查看名单的工作人员。不会出售，也不会提供给广告商。您出示证书时，由您决定给谁看。
people-privacy-long = 保存多久
people-privacy-long-text = 账户存在期间一直保存。验证码5分钟后失效，登录记录最长30天。账户注销时销毁您的密钥，姓名、手机号和学习卡号从此无人能读。
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
error-people-separate-duties = 审计员不能同时担任其他角色，其他角色也不能兼任审计员。请先收回原有角色，或另选一人。
error-people-own-role = 不能给自己授予或撤销职务，请由其他负责人办理。
error-people-link-spent = 这个登录链接已经用过或已过期。每个链接只能用一次，请用手机号登录，或联系管理员重新发一个。
error-people-code-wrong = 验证码不对，还可以试{ $left }次。
error-people-code-spent = 这个验证码已失效（过期、用过或试错太多），请点“重新发送”。
error-people-ticket-spent = 登录页面打开太久，已经失效。请从填写手机号重新开始。
error-people-consent-needed = 建立账户需要您同意个人信息保护说明。
