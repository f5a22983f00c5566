// Package paper makes PDF documents of templates: Markdown with fields, on A4.
//
// A template begins with a header that says what it asks for; after it comes Markdown (CommonMark with tables):
//
//	---
//	title: 保密协议
//	summary: 一句话说明用途
//	field: 披露方 | text | required | 披露方名称
//	field: 期限 | choice | required | 保密期限 | 一年 / 三年 / 五年
//	---
//	# 保密协议
//	{{披露方}} 与 {{接收方}} …
//	甲方（盖章）：{{seal:甲方}}  签字：{{sign:甲方}}  日期：{{date:甲方}}
//
// A field is {{name}}; one that the header does not name is a text that is not required. What is not filled in
// is a line to write on. A value is text and never Markdown. Places to sign are {{sign:party}}, {{seal:party}}, {{date:party}},
// {{initials:party}} and {{name:party}}; their places on the pages are given back, and nothing is drawn there.
// A table whose head is empty has no lines: it puts the parties side by side.
//
// Text is set by the rules of Chinese (package lines) in one font, embedded as a subset, with the way back to
// characters, so that it can be searched and copied. A character that the font has not is drawn by its outline from the fonts of the
// system (package glyph), as a font of its own (Type 3), and can be searched as well; one that none has is an error that names it.
//
// Templates are foreign text when they come from others: what they may hold is bounded (limits.go).
package paper
