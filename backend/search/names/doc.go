// Package names finds people by their names, as fast as one types. It knows no feature: it is given names, numbers and
// words, and keeps an Index of them in memory, which is changed as people change.
//
// # What finds a person
//
//	张三, 三            the characters, from any of them on
//	zhangsan, zhang s   all of the pinyin, or its beginning
//	zs, zhs, zhangs     initials, also mixed with whole syllables
//	z三, 张san          characters and pinyin mixed
//	shan, dan → 单      every reading of a character; that of the surname counts first
//	nov → Anna Novák    the beginning of any word, without its accents
//	an → Anna Novák     initials of words
//	138, RT00           numbers from their beginning; four and more of their signs anywhere
//	财务, cw, fin       departments and titles, likewise
//	试用              what stands anywhere in a note, of two signs and more, as it is written
//	张 财务, smith jo   several of these, in any order: each must be there
//
// # Order
//
// Exact, then what somebody has chosen or used lately, then Prefix, Initials, Inside, and Other, which is all but the
// name. Within one of these the usual reading stands before others, and then it goes by pinyin.
//
// Pinyin comes from go-pinyin; docs/decisions/0058.
package names
