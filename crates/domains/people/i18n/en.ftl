people-sms-code = [Xuecheng] Your code is { $code }. It is valid for { $minutes } minutes. Do not tell it to anybody; our staff never ask for it.
