package verify

import (
	"fmt"

	"roundtable/app/config"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/verify"
)

func say(l config.Language, zh, en string, values ...any) string {
	if l == config.Chinese {
		return fmt.Sprintf(zh, values...)
	}
	return fmt.Sprintf(en, values...)
}

// pair is Chinese, English.
type pair [2]string

func (p pair) in(l config.Language) string {
	if l == config.Chinese {
		return p[0]
	}
	return p[1]
}

var standings = map[verify.Standing]pair{
	verify.Trusted:       {"证书受信任", "the certificate is trusted"},
	verify.Untrusted:     {"证书不受信任：不是由您信任的机构签发", "the certificate is not trusted: nobody you trust issued it"},
	verify.Expired:       {"证书在该时间无效（尚未生效或已过期）", "the certificate was not valid at that time"},
	verify.Revoked:       {"证书已被吊销", "the certificate was revoked"},
	verify.NotForSigning: {"该证书不能用于签名", "the certificate is not for signing"},
}

var seals = map[verify.SealStanding]pair{
	verify.SealRightful:     {"有权使用该印章", "the right to use this seal is certified"},
	verify.SealWithoutRight: {"无权使用该印章：证书不是为这枚印章或这一印模签发", "the seal was used without right: the certificate is not for it, or not for these outlines"},
	verify.SealRevoked:      {"该印章的使用证书已被吊销", "the right to use this seal was revoked"},
	verify.SealUnknown:      {"印章无法核实：没有您信任的人说明谁可以使用", "the seal cannot be judged: nobody you trust says who may use it"},
}

var proofs = map[bundle.Why]pair{
	"":                   {"证据完好：所附文件就是各方日志最后记录的那一份", "the evidence is good: the document is the one that the logs end with"},
	bundle.Forked:        {"有一份日志出现了两个版本", "a log was shown in two versions"},
	bundle.Witnesses:     {"没有见证人见过该文件的记录", "no witness has seen the entry of the document"},
	bundle.Gap:           {"记录有缺漏，或次序不对", "entries are missing, or in another order"},
	bundle.NotThere:      {"有一条记录没有得到证明", "an entry is not proven"},
	bundle.Unsigned:      {"检查点没有其日志的签名", "a checkpoint is not signed by its log"},
	bundle.Foreign:       {"以他人或另一设备的名义记录", "an entry is in the name of somebody else, or of another device"},
	bundle.TooLong:       {"记录过多，未能附上", "it had too many entries to be taken along"},
	bundle.Malformed:     {"证据文件无法读取", "the evidence is malformed"},
	bundle.OtherDocument: {"所附文件不是日志记录的那一份", "the document is not the one that the logs name"},
}

// proofWords puts a verdict on evidence into words; a code that is newer than this table stands for itself.
func proofWords(l config.Language, why bundle.Why) string {
	if p, is := proofs[why]; is {
		return p.in(l)
	}
	return string(why)
}

var reasons = map[verify.Why]pair{
	verify.BytesChanged:      {"签名后内容被改动", "the content was changed after it was signed"},
	verify.ValueBroken:       {"签名值与内容不符", "the signature does not belong to this content"},
	verify.RangeOdd:          {"签名没有覆盖整个文件", "the signature does not cover the whole file"},
	verify.RangeShort:        {"签名范围在文件版本中途结束", "what is signed ends in the middle of a version of the file"},
	verify.HoleFilled:        {"签名位置里藏有其他内容", "something else lies where only the signature may be"},
	verify.Wrapped:           {"签名是从别处移来的", "the signature was moved here from elsewhere"},
	verify.Malformed:         {"签名格式错误，无法读取", "the signature is malformed"},
	verify.UnknownAlgorithm:  {"使用了本程序不支持的算法（例如国密 SM2）", "by an algorithm that this program does not know (such as SM2)"},
	verify.UnknownFormat:     {"本程序不支持这种签名格式", "a kind of signature that this program does not know"},
	verify.NoCertificate:     {"缺少签名人的证书", "the signer's certificate is missing"},
	verify.CertificateNot:    {"签名指向另一张证书", "the signature names another certificate"},
	verify.StampForeign:      {"时间戳属于其他内容", "the time stamp is about something else"},
	verify.StampMalformed:    {"时间戳无法读取", "the time stamp cannot be read"},
	verify.SeveralSignatures: {"一个签名域里有多个签名", "one field holds several signatures"},
}

var changes = map[verify.ChangeKind]pair{
	verify.SignatureAdded:    {"增加了签名", "a signature was added"},
	verify.EvidenceAdded:     {"增加了长期验证所需的材料", "evidence for later checks was added"},
	verify.FieldFilled:       {"填写了表单项", "a field was filled in"},
	verify.FieldAdded:        {"增加了表单项", "a field was added"},
	verify.FieldChanged:      {"改动了表单项", "a field was changed"},
	verify.FieldRemoved:      {"删除了表单项", "a field was removed"},
	verify.LookChanged:       {"改动了表单项的外观", "the look of a field was changed"},
	verify.PageAdded:         {"增加了一页", "a page was added"},
	verify.PageRemoved:       {"删除了一页", "a page was removed"},
	verify.PageReplaced:      {"替换了一页，或调换了页序", "a page was replaced, or pages changed places"},
	verify.ContentChanged:    {"改动了页面内容", "the content of a page was changed"},
	verify.AnnotationAdded:   {"增加了批注或覆盖物", "an annotation was added"},
	verify.AnnotationRemoved: {"删除了批注", "an annotation was removed"},
	verify.AnnotationChanged: {"改动了批注", "an annotation was changed"},
	verify.DocumentChanged:   {"改动了文件设置", "a setting of the document was changed"},
	verify.InfoChanged:       {"改动了标题等文件信息", "title or other information was changed"},
	verify.CatalogReplaced:   {"整个文件目录被替换", "the whole document was replaced"},
	verify.Unreadable:        {"无法判断签名后改动了什么", "it cannot be told what was changed"},
}
