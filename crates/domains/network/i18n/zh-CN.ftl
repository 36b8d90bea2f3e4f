# 地方与机构
network-kind-guidance-centre = 市级指导中心
network-kind-college = 社区教育学院
network-kind-school = 社区教育学校
network-kind-centre = 社区学习中心
network-kind-senior-university = 老年大学
network-kind-remote-school = 老年远程学校
network-kind-remote-point = 远程老年教学点
network-kind-base = 体验基地
network-kind-library = 图书馆
network-kind-museum = 博物馆
network-kind-culture-centre = 文化馆
network-kind-sports-venue = 体育场馆

# 机构列表
network-list-name = 名称
network-list-region = 地区
network-list-level = 层级
network-list-kind = 类别
network-list-status = 状态
network-list-offers = 已发布项目
network-list-phone = 电话
network-list-address = 地址
network-list-hours = 开放时间
network-list-founded = 设立日期
network-list-closed = 关闭日期
network-list-links = 查看
network-level-city = 市级
network-level-county = 区县
network-level-township = 街道（镇、乡）
network-level-village = 社区（村）
network-status-open = 开放
network-status-closed = 已关闭

# 开放时间
network-day-1 = 周一
network-day-2 = 周二
network-day-3 = 周三
network-day-4 = 周四
network-day-5 = 周五
network-day-6 = 周六
network-day-7 = 周日
network-days-all = 每天
network-days = { $from }至{ $to }
network-hours-comma = 、
network-hours-semicolon = ；
network-holidays = 法定节假日
network-holidays-closed = 法定节假日闭馆
network-open-until = 现在开放，{ $time }关门
network-opens-today = 现在没开，今天{ $time }开门
network-opens-tomorrow = 今天已关，明天{ $time }开门
network-opens-next = 现在没开，{ $day } { $time }开门
network-closed-long = 近两周不开放
network-special-closed = { $days }不开放
network-special-open = { $days }开放时间为{ $hours }
network-special-why = { $line }（{ $why }）

# 地点资料
network-place = 地点资料
network-place-lead = 居民在机构页、搜索和日历里看到的地址、电话和开放时间，改完立即生效。
network-place-address = 地址
network-place-phone = 电话
network-place-phone-hint = 居民直接拨打的号码
network-place-week = 每周开放时间
network-place-week-hint = 写起止时间，一天分几段用逗号隔开，例如8:30-12:00，14:00-17:30。不开放的日子留空。
network-place-holidays = 法定节假日
network-place-holidays-hint = 放假和调休的日子按市里登记的节假日表。
network-place-holidays-usual = 照常开放
network-place-holidays-closed = 不开放
network-place-holidays-other = 另有开放时间
network-place-holiday-hours = 节假日开放时间
network-place-holiday-hours-hint = 只在选“另有开放时间”时填写
network-place-specials = 临时变动
network-place-specials-hint = 一行写一项：日期，不开放写“闭馆”，否则写起止时间，后面可以写原因。例如：2027-02-10至2027-02-24 闭馆 内部装修。过了期的会自动去掉。
network-place-closed-word = 闭馆
network-place-remark = 补充说明
network-place-remark-hint = 写不进上面表格的话，例如“团体参观请提前一天预约”
network-place-save = 保存
network-place-saved = 地点资料已经保存。
network-place-see = 查看机构页
network-place-holidays-known = 查看节假日表

# 管理机构
network-manage = 管理
network-rename = 更改名称
network-rename-lead = 新名称立即生效；以前发出的证书和文件保留当时的名称。
network-rename-name = 名称
network-renamed = 名称已经更改。
network-found = 设立下属机构
network-found-lead = 新机构设在{ $name }之下，设立后可以马上安排人员、发布项目。
network-found-kind = 类别
network-found-region = 服务的地区
network-found-region-hint = 填12位行政区划代码或者地区全名，例如500106004000或磁器口街道
network-found-day = 设立日期
network-founded = 已经设立{ $name }。
network-found-go = 设立
network-choose = 请选择
network-close = 关闭机构
network-close-lead = 关闭后不再出现在查找和名单里；以往的记录和证书保留，由上级机构负责。
network-close-open-below = 它下面还有机构没有关闭，不能关闭它。
network-close-confirm = 我确认关闭{ $name }
network-close-go = 关闭
network-closed-done = { $name }已经关闭。

# 节假日表
network-holiday-table = 节假日表
network-holiday-lead = 全市各点“法定节假日”按这张表开放或关闭。国务院办公厅每年公布下一年的放假安排后，请在这里登记。
network-holiday-year = 年份
network-holiday-days = 放假和调休的日子
network-holiday-days-hint = 一行写一天：日期、“休”（放假）或“班”（周末上班），后面可以写节日名。例如：2026-10-01 休 国庆节
network-holiday-known = 已登记的年份
network-holiday-edit = 修改这一年
network-holiday-none = 还没有登记任何一年。
network-holiday-count = { $year }年，放假{ $off }天，周末上班{ $worked }天
network-holiday-saved = { $year }年的节假日已经登记，共{ $n }天。
network-holiday-missing = { $year }年的节假日还没有登记：到那时各点按平日开放显示。

# 错误
error-network-no-region = 没有这个行政区划代码。
error-network-no-parent = 没有这个上级机构。
error-network-parent-closed = 上级机构已经关闭，不能在它下面设立机构。
error-network-bad-place = 经度应在-180到180之间，纬度应在-90到90之间。
error-network-has-children = 还有{ $n }家下属机构没有关闭，请先处理它们。
error-network-already-closed = 这家机构已经关闭。
error-network-bad-file = 文件不是规定格式的表格：请用逗号分隔，首行为列名，并包含所需的列。
error-network-bad-parent = 上级区划不存在，或代码不在上级区划之内。
error-network-bad-population = 人口应为不小于0的整数。
error-network-twice = 同一代码在文件中出现了两次。
error-network-bad-opening = 看不懂“{ $part }”。时间请写成8:30-12:00这样，前面的早、后面的晚，一天最多四段；日期请写成2027-02-10这样。
error-network-bad-holiday = 第{ $line }行“{ $text }”看不懂：请写日期和“休”或“班”。
error-network-holiday-twice = 第{ $line }行“{ $text }”不是这一年的日子，或者写了两次。
error-network-region-unclear = 没有叫“{ $text }”的地区，或者不止一个。请填12位代码。
error-network-confirm-close = 请勾选确认。
