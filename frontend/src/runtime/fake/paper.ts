/** A small true PDF with lines of Chinese and Latin text, without fonts in it: readers need tables of encodings for it, as for many files from offices. */
export function paper(title: string, pages: readonly (readonly string[])[]): Uint8Array {
  const hex = (text: string) => [...text].map((one) => one.codePointAt(0)!.toString(16).padStart(4, "0").slice(-4)).join("").toUpperCase();
  const objects: string[] = [];
  const first = 4;
  objects[1] = `<< /Type /Catalog /Pages 2 0 R >>`;
  objects[2] = `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, index) => `${first + index * 2} 0 R`).join(" ")}] >>`;
  objects[3] = "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 752 /Descent -271 /CapHeight 737 /StemV 58 >> /DW 1000 /W [814 939 500] >>] >>";
  pages.forEach((lines, index) => {
    let y = 770;
    const body = [...(index === 0 ? [`BT /F1 20 Tf 1 0 0 1 ${297 - title.length * 10} ${y} Tm <${hex(title)}> Tj ET`] : []), ...lines.map((line) => {
      y -= line === "" ? 14 : 24;
      return line === "" ? "" : `BT /F1 11.5 Tf 1 0 0 1 72 ${y - 20} Tm <${hex(line)}> Tj ET`;
    })].join("\n");
    objects[first + index * 2] = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${first + index * 2 + 1} 0 R >>`;
    objects[first + index * 2 + 1] = `<< /Length ${body.length} >>\nstream\n${body}\nendstream`;
  });
  let text = "%PDF-1.7\n";
  const places: number[] = [];
  for (let number = 1; number < objects.length; number++) {
    places[number] = text.length;
    text += `${number} 0 obj\n${objects[number]}\nendobj\n`;
  }
  const at = text.length;
  text += `xref\n0 ${objects.length}\n0000000000 65535 f \n${places.slice(1).map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("")}trailer\n<< /Size ${objects.length} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`;
  return new TextEncoder().encode(text);
}

const CLAUSE = [
  "第一条  甲方向乙方采购会议桌椅一批，规格与数量见附件一。", "第二条  合同总价为人民币 184,000 元，含税、含运输与安装。", "第三条  乙方应于 2026 年 12 月 20 日前完成交付。", "",
  "第四条  付款方式：签订后五个工作日内付 30%，验收后付 65%，", "质保期满付 5%。", "", "第五条  质保期为二十四个月，自验收合格之日起计算。",
];

export const contractPaper = paper("采购合同", [
  ["合同编号：QH-2026-118", "", "甲方：青禾建筑设计有限公司", "乙方：临江家具有限公司", "", ...CLAUSE],
  ["第六条  任何一方违约，应赔偿对方由此产生的损失。", "", ...CLAUSE.slice(0, 4)],
  ["第七条  本合同一式两份，双方各执一份。", "", "甲方（签章）：                          乙方（签章）：", "", "", "", "日期：                                    日期："],
]);
