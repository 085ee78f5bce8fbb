-- Đề mục: số "I.", "1.", "a)" và "Phụ lục I."; tham chiếu @sec-… thành "mục II.1"; mục lục của bản in.
-- {.unnumbered} không đánh số; {.phu-luc} ở cấp 1 mở một phụ lục (phụ lục đầu trên trang mới); {.trang-moi} sang trang mới trong bản in.
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))

-- Thứ tự điểm trong văn bản tiếng Việt: có đ, không có f, j, w, z.
local CHU = { 'a', 'b', 'c', 'd', 'đ', 'e', 'g', 'h', 'i', 'k', 'l', 'm',
  'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'x', 'y' }

local function la_ma(n)
  local bac = { { 10, 'X' }, { 9, 'IX' }, { 5, 'V' }, { 4, 'IV' }, { 1, 'I' } }
  local ra = ''
  for _, cap in ipairs(bac) do
    while n >= cap[1] do
      ra, n = ra .. cap[2], n - cap[1]
    end
  end
  return ra
end

-- Chỗ của mục lục bản in: trước đề mục đánh số đầu tiên (tóm tắt giữ trang đầu), ở độ sâu nào cũng được vì Quarto
-- bọc mỗi ô sổ tay trong một khối.
local CHO = pandoc.RawBlock('muc-luc', '')

local tu = chung.tu_ngu(nil)
local muc_luc = false
local sau = 3
local dich = {}    -- id → chữ của tham chiếu
local danh_muc = {} -- các đề mục cho mục lục DOCX

local function diem(n)
  if n > #CHU then chung.tu_choi('Đề mục cấp 3: có ' .. n .. ' điểm trong một mục, tối đa ' .. #CHU .. '; hãy tách mục.') end
  return CHU[n]
end

local function danh_so(doc)
  local dem = { 0, 0, 0 }
  local phu_luc, trong_phu_luc = 0, false
  local cha = '' -- số của mục cấp 1 dùng trong tham chiếu
  return doc:walk({
    Header = function(h)
      local khong_so = h.classes:includes('unnumbered')
      local nhan
      if h.level == 1 then
        dem[2], dem[3] = 0, 0
        trong_phu_luc = h.classes:includes('phu-luc')
        if khong_so then
          cha = ''
        elseif trong_phu_luc then
          phu_luc = phu_luc + 1
          cha = tu('crossref-apx-prefix') .. ' ' .. la_ma(phu_luc)
          nhan = cha .. '.'
          dich[h.identifier] = cha
        else
          dem[1] = dem[1] + 1
          cha = la_ma(dem[1])
          nhan = cha .. '.'
          dich[h.identifier] = tu('crossref-sec-prefix') .. ' ' .. cha
        end
      elseif h.level <= 3 and not khong_so then
        dem[h.level] = dem[h.level] + 1
        if h.level == 2 then dem[3] = 0 end
        nhan = h.level == 2 and dem[2] .. '.' or diem(dem[3]) .. ')'
        local so = h.level == 2 and tostring(dem[2]) or (dem[2] > 0 and dem[2] .. '.' or '') .. diem(dem[3])
        local muc = tu('crossref-sec-prefix') .. ' '
        if trong_phu_luc and cha ~= '' then
          dich[h.identifier] = muc .. so .. ', ' .. cha
        else
          dich[h.identifier] = muc .. (cha ~= '' and cha .. '.' or '') .. so
        end
      end
      if khong_so or not nhan then
        dich[h.identifier] = dich[h.identifier]
          or tu('crossref-sec-prefix') .. ' “' .. pandoc.utils.stringify(h.content) .. '”'
      end
      local goc = pandoc.utils.stringify(h.content)
      if nhan then
        -- Dấu cách không ngắt giữ số ở cùng dòng với chữ đầu.
        h.content:insert(1, pandoc.Span({ pandoc.Str(nhan) }, pandoc.Attr('', { 'so-muc' })))
        h.content:insert(2, pandoc.Str('\u{a0}'))
        h.classes:insert('unnumbered')
      end
      danh_muc[#danh_muc + 1] = { cap = h.level, id = h.identifier, chu = (nhan and nhan .. ' ' or '') .. goc }
      local dau = h.level == 1
      -- Trang HTML: tiêu đề văn bản là h1, đề mục bắt đầu từ h2.
      if chung.html then h.level = h.level + 1 end
      local ra = pandoc.Blocks({ h })
      if dau and chung.typst and trong_phu_luc then ra:insert(1, pandoc.RawBlock('typst', '#mo-phu-luc()')) end
      if h.classes:includes('trang-moi') and not chung.html then
        ra:insert(1, chung.raw(chung.typst and '#pagebreak(weak: true)' or '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'))
      end
      if dau and muc_luc and nhan then
        muc_luc = false
        ra:insert(1, CHO)
      end
      return ra
    end,
  })
end

local function tham_chieu(cite)
  for _, c in ipairs(cite.citations) do
    if not c.id:match('^sec%-') then return nil end
  end
  local ra = pandoc.Inlines({})
  for i, c in ipairs(cite.citations) do
    local chu = dich[c.id]
    if not chu then
      chung.tu_choi('Tham chiếu @' .. c.id .. ': không có đề mục mang nhãn {#' .. c.id .. '}; hãy thêm nhãn hoặc sửa tham chiếu.')
    end
    if i > 1 then ra:extend({ pandoc.Str(';'), pandoc.Space() }) end
    local dong = pandoc.Inlines({})
    for phan in chu:gmatch('%S+') do
      if #dong > 0 then dong:insert(pandoc.Str('\u{a0}')) end
      dong:insert(pandoc.Str(phan))
    end
    ra:insert(pandoc.Link(dong, '#' .. c.id))
  end
  return ra
end

local function truong(loai, lenh)
  local ra = '<w:r><w:fldChar w:fldCharType="' .. loai .. '"/></w:r>'
  if lenh then
    ra = ra .. '<w:r><w:instrText xml:space="preserve"> ' .. lenh .. ' </w:instrText></w:r>'
      .. '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
  end
  return pandoc.RawInline('openxml', ra)
end

--- Mục lục DOCX: trường TOC có sẵn kết quả (liên kết); Word điền số trang khi người dùng cập nhật trường.
local function muc_luc_docx()
  local dong = {}
  for _, m in ipairs(danh_muc) do
    if m.cap <= sau then dong[#dong + 1] = m end
  end
  local khoi = pandoc.Blocks({ chung.kieu('Muc luc', { pandoc.Para({ pandoc.Str(tu('toc-title-document')) }) }) })
  for i, m in ipairs(dong) do
    local chu = pandoc.Inlines({ pandoc.Link({ pandoc.Str(m.chu) }, '#' .. m.id) })
    if i == 1 then chu:insert(1, truong('begin', 'TOC \\o "1-' .. sau .. '" \\h \\z \\u')) end
    if i == #dong then chu:insert(truong('end')) end
    khoi:insert(chung.kieu('toc ' .. m.cap, { pandoc.Para(chu) }))
  end
  return khoi
end

local function dat_muc_luc(khoi)
  if khoi.format ~= 'muc-luc' then return nil end
  if chung.typst then
    return pandoc.RawBlock('typst', '#muc-luc(' .. chung.chuoi_typst(tu('toc-title-document')) .. ', ' .. sau .. ')')
  end
  if chung.docx then return muc_luc_docx() end
  return {}
end

return {
  {
    Pandoc = function(doc)
      tu = chung.tu_ngu(doc.meta)
      muc_luc = chung.bat(doc.meta['muc-luc']) and not chung.html
      local do_sau = doc.meta['muc-luc-sau'] or doc.meta['toc-depth']
      if do_sau then sau = tonumber(pandoc.utils.stringify(do_sau)) or 3 end
      doc = danh_so(doc)
      return doc:walk({ Cite = tham_chieu, RawBlock = dat_muc_luc })
    end,
  },
}
