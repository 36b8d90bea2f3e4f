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
