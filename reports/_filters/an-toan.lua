-- Chữ do người viết (mục viết tay, ghi chú, tên, tham số) chỉ là chữ. Bộ lọc này chạy trước mọi bộ lọc khác:
-- khối thô chỉ giữ của chính dự án (biểu đồ sống, xuống dòng), còn lại hiện nguyên văn; bỏ thuộc tính sự kiện và kiểu chữ riêng;
-- liên kết chỉ đến trang web, thư điện tử hoặc trong trang; hình chỉ lấy trong thư mục figures của ấn bản.
local BIEU_DO = '^<script type="application/json" class="bieu%-do%-song" data%-figure="[%w_%-%.:]+">[^<]*</script>%s*$'

local function giu(el)
  return (el.format == 'html' and (el.text == '<br>' or el.text:match(BIEU_DO))) and true or false
end

local function sach(el)
  for ten, _ in pairs(el.attributes) do
    local thuong = ten:lower():gsub('^data%-', '')
    if thuong:match('^on') or thuong == 'style' or thuong == 'srcdoc' or thuong == 'action' or thuong == 'formaction'
      or thuong == 'href' or thuong == 'src' or thuong == 'xlink:href' or thuong == 'custom-style' then
      el.attributes[ten] = nil
    end
  end
  return el
end

local function loai(dich)
  local gon = dich:gsub("[%s%c]", ""):lower()
  return gon:match("^(%a[%w+.-]*):")
end

-- Nhãn và lớp của đề mục đứng trong một chú thích HTML (# Nguồn <!-- {#sec-nguon .phu-luc} -->), để JupyterLab không hiện chúng.
local function nhan_an(h)
  local cuoi = h.content[#h.content]
  local nhan = cuoi and cuoi.t == 'RawInline' and cuoi.format == 'html' and cuoi.text:match('^<!%-%-%s*(%b{})%s*%-%->$')
  if not nhan then return nil end
  local doc = pandoc.read('# x ' .. nhan, 'markdown-auto_identifiers').blocks[1]
  if doc.identifier ~= '' then h.identifier = doc.identifier end
  h.classes:extend(doc.classes)
  h.content:remove(#h.content)
  while #h.content > 0 and h.content[#h.content].t == 'Space' do h.content:remove(#h.content) end
  return h
end

return { { Header = nhan_an }, {
  RawBlock = function(el)
    if giu(el) then return nil end
    return pandoc.CodeBlock(el.text)
  end,
  RawInline = function(el)
    if giu(el) then return nil end
    return pandoc.Str(el.text)
  end,
  Link = function(el)
    local kieu = loai(el.target)
    if kieu == 'http' or kieu == 'https' or kieu == 'mailto' then return sach(el) end
    -- Bản in không dừng vì một đích không có: liên kết trong trang chỉ dùng trên màn hình.
    if el.target:match('^#') and not FORMAT:match('typst') then return sach(el) end
    return el.content
  end,
  Image = function(el)
    local nguon = el.src:gsub('\\', '/'):gsub('%%2[eE]', '.'):gsub('%%2[fF]', '/')
    if nguon:match('^figures/[^/]') and not nguon:match('%.%.') then return sach(el) end
    return pandoc.Span(el.caption)
  end,
  Span = sach,
  Div = sach,
  Code = sach,
  CodeBlock = sach,
  Header = sach,
  Table = sach,
} }
