// Package seal draws seals 印章 as outlines: the round one of a company 公章 with a star and
// its name around it, oval and rectangular ones, and personal name seals. What it draws goes
// into a PDF as a form object and onto the screen as SVG, sharp at every size.
//
// Sizes follow the customs for seals (State Council, 国发〔1999〕25号: round, 42 mm and smaller, a star
// in the middle, the name from left to right around it). A drawing is nothing official: whether a seal is one that
// was registered with the police is not for a program to say.
package seal
