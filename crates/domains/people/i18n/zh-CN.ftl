people-sms-code = 【学城】验证码 { $code }，{ $minutes } 分钟内有效。请勿告诉他人，工作人员不会向您索要。
